#include "demux/nal_units.h"

#include <algorithm>

#include "demux/bit_reader.h"
#include "demux/start_codes.h"

namespace mayfly {

std::optional<ByteView> NalUnits::next() {
  if (length_bytes_ > 0) return next_by_length();
  StartCodes codes(rest_);
  const auto first = codes.next();
  if (!first) {
    rest_ = {};
    return std::nullopt;
  }
  const size_t begin = first->start + 3;
  const auto following = codes.next();
  size_t end = following ? following->start : rest_.size();
  const ByteView packet = rest_;
  rest_ = packet.subspan(end);
  while (end > begin + 1 && packet[end - 1] == std::byte{0}) --end;
  return packet.subspan(begin, end - begin);
}

std::optional<ByteView> NalUnits::next_by_length() {
  while (rest_.size() > length_bytes_) {
    size_t length = 0;
    for (unsigned index = 0; index < length_bytes_; ++index) {
      length = length << 8U | std::to_integer<size_t>(rest_[index]);
    }
    const ByteView body = rest_.subspan(length_bytes_);
    length = std::min(length, body.size());
    rest_ = body.subspan(length);
    if (length > 0) return body.first(length);
  }
  rest_ = {};
  return std::nullopt;
}

unsigned nal_length_bytes(std::string_view codec, ByteView extradata) {
  const size_t at = codec == "h264" ? 4 : codec == "hevc" ? 21 : 0;
  const bool is_record = extradata.size() > at && extradata.front() == std::byte{1};
  if (at == 0 || !is_record) return 0;
  return (std::to_integer<unsigned>(extradata[at]) & 3U) + 1;
}

bool nal_units_fit(ByteView packet, unsigned length_bytes) {
  while (!packet.empty()) {
    if (packet.size() <= length_bytes) return false;
    size_t length = 0;
    for (const std::byte each : packet.first(length_bytes)) {
      length = length << 8U | std::to_integer<size_t>(each);
    }
    packet = packet.subspan(length_bytes);
    const bool is_forbidden = (packet.front() & std::byte{0x80}) != std::byte{0};
    if (length == 0 || length > packet.size() || is_forbidden) return false;
    packet = packet.subspan(length);
  }
  return true;
}

bool has_recovery_point(ByteView messages) {
  constexpr unsigned kRecoveryPoint = 6;
  BitReader reader(messages, BitReader::Escapes::EmulationPrevention);
  while (reader.has_more_payload()) {
    unsigned type = 0;
    unsigned size = 0;
    for (unsigned* number : {&type, &size}) {
      unsigned byte = 255;
      while (byte == 255 && !reader.failed()) *number += byte = reader.bits(8);
    }
    if (reader.failed()) return false;
    if (type == kRecoveryPoint) return true;
    reader.skip(size_t{8} * size);
  }
  return false;
}

}  // namespace mayfly
