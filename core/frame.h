#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/units.h"

namespace mayfly {

// What the codec calls the picture.
enum class PictureType : uint8_t { I, P, B };

// What losing the frame costs, which decides how it is sent.
enum class FrameClass : uint8_t {
  I,      // intra pictures with their parameter sets: everything after depends on them
  P,      // pictures others depend on: P, and B used as a reference
  B,      // pictures nothing depends on
  Audio,  // each frame stands alone, and a gap is heard
};
inline constexpr size_t kFrameClassCount = 4;
inline constexpr std::array<FrameClass, kFrameClassCount> kFrameClasses = {
    FrameClass::I, FrameClass::P, FrameClass::B, FrameClass::Audio};

[[nodiscard]] std::string_view to_string(PictureType type);        // "I", "P", "B"
[[nodiscard]] std::string_view to_string(FrameClass frame_class);  // "i", "p", "b", "audio"
[[nodiscard]] std::optional<FrameClass> frame_class_from(std::string_view name);
[[nodiscard]] constexpr size_t index_of(FrameClass frame_class) {
  return static_cast<size_t>(frame_class);
}

// The most frames a frame may name as its references: more than any profile of any codec here
// keeps.
inline constexpr size_t kMaxReferences = 16;

// One access unit of one track: what a decoder takes in at once and what mayfly sends, times and
// loses as a whole.
struct Frame {
  TrackId track;
  FrameNumber number;
  FrameClass frame_class = FrameClass::I;
  // None for audio, and for pictures decoded but never shown (VP8's hidden ones, edit lists).
  std::optional<PictureType> picture_type;
  bool keyframe = false;  // decoding can start here
  uint32_t gop = 0;       // how many keyframes of the track came before, or are this one, less one
  MediaTime pts{};
  MediaTime dts{};
  Duration duration{};
  // The frames of the same track that must have been decoded before this one, as far as the codec
  // tells: direct references only, each earlier in decode order, at most kMaxReferences.
  std::vector<FrameNumber> references;
  Payload payload;  // never null

  [[nodiscard]] size_t bytes() const { return payload ? payload->size() : 0; }
};

}  // namespace mayfly
