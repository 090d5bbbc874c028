#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/units.h"

namespace mayfly {

struct Ratio {
  int32_t numerator = 0;
  int32_t denominator = 1;

  friend bool operator==(const Ratio&, const Ratio&) = default;
};

enum class TrackKind : uint8_t { Video, Audio };

struct VideoParameters {
  int32_t width = 0;
  int32_t height = 0;
  Ratio sample_aspect;  // 0/1: not told
  Ratio frame_rate;     // 0/1: not told, or variable
  int32_t pixel_format = -1;
  int32_t field_order = 0;
  int32_t colour_range = 0;
  int32_t colour_primaries = 2;
  int32_t colour_transfer = 2;
  int32_t colour_space = 2;
  int32_t chroma_location = 0;
  int32_t frame_delay = 0;  // pictures a decoder holds back to reorder

  friend bool operator==(const VideoParameters&, const VideoParameters&) = default;
};

struct AudioParameters {
  int32_t sample_rate = 0;
  int32_t channels = 0;
  uint64_t channel_mask = 0;  // 0: not told
  int32_t sample_format = -1;
  int32_t samples_per_frame = 0;
  int32_t block_align = 0;
  int32_t bits_per_coded_sample = 0;
  int32_t initial_padding = 0;
  int32_t seek_preroll = 0;

  friend bool operator==(const AudioParameters&, const AudioParameters&) = default;
};

// All a decoder or a muxer needs to know before the first frame. Numbers of libav's enumerations
// are carried as they are: both ends of mayfly speak through the same library.
struct Track {
  TrackId id;
  TrackKind kind = TrackKind::Video;
  std::string codec;  // libavcodec's name: "mpeg2video", "h264", "aac"
  uint32_t codec_tag = 0;
  int32_t profile = -99;
  int32_t level = -99;
  int64_t bit_rate = 0;
  Bytes extradata;
  Ratio time_base{1, 1'000'000};
  VideoParameters video;  // meaningful when kind is Video
  AudioParameters audio;  // meaningful when kind is Audio
  std::string language;

  friend bool operator==(const Track&, const Track&) = default;
};

}  // namespace mayfly
