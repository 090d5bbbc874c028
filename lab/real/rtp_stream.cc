#include "lab/real/rtp_stream.h"

#include <algorithm>

namespace mayfly {
namespace {

constexpr uint8_t kVersion = 2 << 6;
constexpr uint8_t kMarker = 0x80;         // the last packet of a frame
constexpr uint8_t kDynamicType = 96;      // RFC 3551 6
constexpr uint32_t kSource = 0x6d617966;  // SSRC
constexpr int64_t kTicksPerSecond = 90'000;

}  // namespace

RtpStream::RtpStream(const ClipTrace& clip, Spacing spacing)
    : clip_(clip), packets_(rtp_packets_of(clip, Repair::None, spacing)), missing_(clip.size()) {
  came_.resize(packets_.size());
  for (const RtpPacket& each : packets_) {
    schedule_.push_back(each.at);
    ++missing_[each.frame];
  }
}

Bytes RtpStream::packet(size_t index) const {
  const RtpPacket& packet = packets_[index];
  const Frame& frame = clip_.frames[packet.frame];
  const bool is_last = packet.offset + packet.payload == frame.bytes();
  const int64_t ticks = frame.pts.time_since_epoch().count() * kTicksPerSecond / 1'000'000;
  Bytes bytes;
  bytes.reserve(kRtpHeaderBytes + packet.payload);
  ByteWriter writer(bytes);
  writer.u8(kVersion);
  writer.u8(is_last ? kMarker | kDynamicType : kDynamicType);
  writer.u16(static_cast<uint16_t>(index));
  writer.u32(static_cast<uint32_t>(ticks));
  writer.u32(kSource);
  writer.append(payload_of(packet));
  return bytes;
}

std::optional<size_t> RtpStream::take(ByteView packet) {
  ByteReader reader(packet);
  const uint8_t version = reader.u8();
  std::ignore = reader.u8();
  const uint16_t sequence = reader.u16();
  std::ignore = reader.u32();
  const uint32_t source = reader.u32();
  if (reader.failed() || version != kVersion || source != kSource) return std::nullopt;
  const auto index = index_of_sequence(sequence);
  if (!index || came_[*index]) return std::nullopt;
  const RtpPacket& sent = packets_[*index];
  const ByteView expected = payload_of(sent);
  if (!std::equal(reader.rest().begin(), reader.rest().end(), expected.begin(), expected.end())) {
    return std::nullopt;
  }
  came_[*index] = true;
  newest_ = std::max(newest_, *index);
  if (--missing_[sent.frame] > 0) return std::nullopt;
  return sent.frame;
}

std::optional<size_t> RtpStream::index_of_sequence(uint16_t sequence) const {
  const auto ahead = static_cast<int16_t>(sequence - static_cast<uint16_t>(newest_));
  const auto index = static_cast<int64_t>(newest_) + ahead;
  if (index < 0 || index >= static_cast<int64_t>(packets_.size())) return std::nullopt;
  return static_cast<size_t>(index);
}

ByteView RtpStream::payload_of(const RtpPacket& packet) const {
  return ByteView(*clip_.frames[packet.frame].payload).subspan(packet.offset, packet.payload);
}

}  // namespace mayfly
