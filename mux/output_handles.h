#pragma once

extern "C" {
#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
}

#include <memory>
#include <string>

#include "core/result.h"

namespace mayfly {

// A muxer and the file it writes to.
struct CloseOutput {
  void operator()(AVFormatContext* context) const {
    avio_closep(&context->pb);
    avformat_free_context(context);
  }
};
using OutputContext = std::unique_ptr<AVFormatContext, CloseOutput>;

struct FreeOutputPacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
using OutputPacket = std::unique_ptr<AVPacket, FreeOutputPacket>;

// Options for a muxer; those it does not know it leaves.
class MuxerOptions {
 public:
  MuxerOptions() = default;
  MuxerOptions(const MuxerOptions&) = delete;
  MuxerOptions& operator=(const MuxerOptions&) = delete;
  ~MuxerOptions() { av_dict_free(&options_); }

  void set(const char* key, const char* value) { av_dict_set(&options_, key, value, 0); }
  [[nodiscard]] AVDictionary** get() { return &options_; }

 private:
  AVDictionary* options_ = nullptr;
};

// What libav says about one of its error numbers: `No space left on device`.
[[nodiscard]] inline Error from_av_output(int error_number, const std::string& attempt) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error_number, text, sizeof(text));
  return {ErrorCode::Io, attempt + ": " + text};
}

}  // namespace mayfly
