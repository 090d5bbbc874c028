#pragma once

extern "C" {
#include <libavcodec/bsf.h>
}

#include <memory>
#include <optional>

#include "core/result.h"
#include "mux/output_handles.h"

namespace mayfly {

// Takes the ADTS headers off AAC frames, and tells the muxer with the first of them what they said:
// in MPEG-TS every frame describes itself, in MP4 and Matroska the track does.
class AdtsFilter {
 public:
  // Whether frames of such a stream have headers that this container does not want.
  [[nodiscard]] static bool is_needed(const AVOutputFormat& container,
                                      const AVCodecParameters& parameters);
  [[nodiscard]] static Result<AdtsFilter> create(const AVStream& stream);

  // Changes the packet in place. A libav error number, negative when it is no ADTS frame.
  [[nodiscard]] int apply(AVPacket* packet);

 private:
  struct FreeFilter {
    void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
  };
  using Filter = std::unique_ptr<AVBSFContext, FreeFilter>;

  explicit AdtsFilter(Filter filter) : filter_(std::move(filter)) {}

  Filter filter_;
};

}  // namespace mayfly
