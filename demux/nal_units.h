#pragma once

#include <optional>
#include <string_view>

#include "core/bytes.h"

namespace mayfly {

// Walks the NAL units of a packet of H.264 or HEVC: between start codes (Annex B of both), or
// behind length fields as MP4 and Matroska store them.
class NalUnits {
 public:
  // `length_bytes` is the size of the length fields, 0 for start codes.
  NalUnits(ByteView packet, unsigned length_bytes) : rest_(packet), length_bytes_(length_bytes) {}

  // The next unit without its prefix; never empty. A length that reaches past the end gives what is
  // there.
  [[nodiscard]] std::optional<ByteView> next();

 private:
  [[nodiscard]] std::optional<ByteView> next_by_length();

  ByteView rest_;
  unsigned length_bytes_;
};

// How long the length fields of a track's packets are, by its configuration record (ISO/IEC
// 14496-15); 0 for start codes and other codecs.
[[nodiscard]] unsigned nal_length_bytes(std::string_view codec, ByteView extradata);
// Whether the units of a packet fill it exactly, and each can be one: what damage to a length or
// zeros over it do not leave true.
[[nodiscard]] bool nal_units_fit(ByteView packet, unsigned length_bytes);

// Whether an SEI unit, without its header, holds a recovery point message (H.264 D.1.8, HEVC
// D.2.8).
[[nodiscard]] bool has_recovery_point(ByteView messages);

}  // namespace mayfly
