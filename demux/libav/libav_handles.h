#pragma once

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
}

#include <memory>
#include <string>

#include "core/result.h"

namespace mayfly {

struct CloseInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using FormatContext = std::unique_ptr<AVFormatContext, CloseInput>;

struct FreeInputBuffer {
  void operator()(AVIOContext* context) const {
    av_freep(&context->buffer);
    avio_context_free(&context);
  }
};
using InputBuffer = std::unique_ptr<AVIOContext, FreeInputBuffer>;

struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using Packet = std::unique_ptr<AVPacket, FreePacket>;

// What libav says about one of its error numbers: `No such file or directory`.
[[nodiscard]] inline std::string av_text(int error_number) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error_number, text, sizeof(text));
  return text;
}

}  // namespace mayfly
