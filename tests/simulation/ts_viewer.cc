#include "tests/simulation/ts_viewer.h"

#include <algorithm>
#include <utility>

namespace mayfly {
namespace {

// As libavformat's muxer numbers them.
constexpr uint16_t kVideoPid = 0x100;
constexpr uint16_t kAudioPid = 0x101;
constexpr Duration kPicture = 40ms;
constexpr size_t kSoundsPerPicture = 2;

uint64_t at(ByteView bytes, size_t index) { return std::to_integer<uint64_t>(bytes[index]); }

// A time of 33 bits with marks between (ISO/IEC 13818-1 2.4.3.6), in 90 kHz.
MediaTime time_at(ByteView bytes) {
  const uint64_t ticks = (at(bytes, 0) >> 1U & 0x07U) << 30U | at(bytes, 1) << 22U |
                         (at(bytes, 2) >> 1U) << 15U | at(bytes, 3) << 7U | at(bytes, 4) >> 1U;
  return MediaTime(Duration(static_cast<int64_t>(ticks) * 100 / 9));
}

// The decode time in a PES header, which is the presentation time where there is no other.
MediaTime decode_time(ByteView pes) {
  const bool has_dts = (at(pes, 7) & 0x40U) != 0;
  return time_at(pes.subspan(has_dts ? 14 : 9, 5));
}

// What stands before the length in a PES header, and the length itself.
constexpr size_t kBeforeLength = 6;

}  // namespace

// The unit that begins with this payload.
TsViewer::Unit TsViewer::begun_unit(ByteView pes) {
  Unit unit{decode_time(pes), {}, true};
  const size_t length = at(pes, 4) << 8U | at(pes, 5);
  if (length != 0) unit.missing_bytes = kBeforeLength + length;
  return unit;
}

TsViewer::TsViewer(Simulation& simulation, std::unique_ptr<Association> association,
                   std::string pattern)
    : simulation_(simulation), association_(std::move(association)), pattern_(std::move(pattern)) {
  association_->set_observer(this);
}

void TsViewer::on_message(Message message) {
  if (!began_) began_ = simulation_.now();
  const ByteView all(message.payload);
  for (size_t begin = 0; begin + 188 <= all.size(); begin += 188) take(all.subspan(begin, 188));
}

void TsViewer::take(ByteView packet) {
  const auto number = static_cast<uint16_t>((at(packet, 1) & 0x1fU) << 8U | at(packet, 2));
  const bool has_payload = (at(packet, 3) & 0x10U) != 0;
  if ((number != kVideoPid && number != kAudioPid) || !has_payload) return;
  Pid& pid = pids_[number];
  const auto counter = static_cast<uint8_t>(at(packet, 3) & 0x0fU);
  const bool follows = !pid.counter || counter == ((*pid.counter + 1U) & 0x0fU);
  pid.counter = counter;
  if (!follows) break_last(pid);
  const bool has_field = (at(packet, 3) & 0x20U) != 0;
  const ByteView payload = packet.subspan(has_field ? 5 + at(packet, 4) : 4);
  const bool begins = (at(packet, 1) & 0x40U) != 0;
  if (begins) pid.units.push_back(begun_unit(payload));
  if (pid.units.empty()) return;
  Unit& unit = pid.units.back();
  if (unit.missing_bytes == 0U) return;  // it is over: the packet is of one that lost its beginning
  if (unit.missing_bytes) *unit.missing_bytes -= std::min(*unit.missing_bytes, payload.size());
  unit.complete_at = simulation_.now();
}

// One that has all it said it would have lost nothing: the hole is of those behind it.
void TsViewer::break_last(Pid& pid) {
  if (!pid.units.empty() && pid.units.back().missing_bytes != 0U) pid.units.back().is_whole = false;
}

std::array<TsViewer::Share, kFrameClassCount> TsViewer::shares(size_t pictures,
                                                               Duration delay) const {
  std::array<Share, kFrameClassCount> shares{};
  const auto class_of = [this](size_t position) {
    const char type = pattern_[position % pattern_.size()];
    return type == 'I' ? FrameClass::I : type == 'P' ? FrameClass::P : FrameClass::B;
  };
  for (size_t i = 0; i < pictures; ++i) ++shares[index_of(class_of(i))].due;
  shares[index_of(FrameClass::Audio)].due = pictures * kSoundsPerPicture;
  const auto video = pids_.find(kVideoPid);
  if (video == pids_.end() || video->second.units.empty()) return shares;
  const MediaTime first = video->second.units.front().dts;
  for (const auto& [number, pid] : pids_) {
    for (const Unit& unit : pid.units) {
      const auto position = static_cast<size_t>((unit.dts - first + kPicture / 2) / kPicture);
      Share& share = shares[index_of(number == kAudioPid ? FrameClass::Audio : class_of(position))];
      if (!unit.is_whole || unit.missing_bytes.value_or(0) > 0) continue;
      ++share.whole;
      share.in_time += unit.complete_at <= *began_ + (unit.dts - first) + delay ? 1U : 0U;
    }
  }
  return shares;
}

}  // namespace mayfly
