#include "demux/ts_scanner.h"

namespace mayfly {
namespace {

constexpr size_t kPacketBytes = 188;
constexpr std::byte kSync{0x47};
// So many packets one behind the other are no accident.
constexpr size_t kPacketsToBeSure = 5;
constexpr uint16_t kNullPid = 0x1fff;

unsigned byte_at(ByteView packet, size_t index) { return std::to_integer<unsigned>(packet[index]); }

// The adaptation field's discontinuity_indicator: the counter may be anything (2.4.3.5).
bool is_announced_jump(ByteView packet) {
  const bool has_field = (byte_at(packet, 3) & 0x20U) != 0;
  return has_field && byte_at(packet, 4) > 0 && (byte_at(packet, 5) & 0x80U) != 0;
}

}  // namespace

void TsScanner::add(ByteView bytes) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  size_t begin = 0;
  for (;;) {
    if (!is_in_step_ && !find_step()) return;
    while (is_in_step_ && begin + kPacketBytes <= rest_.size()) {
      if (rest_[begin] == kSync) {
        count(ByteView(rest_).subspan(begin, kPacketBytes));
        begin += kPacketBytes;
      } else {
        is_in_step_ = false;
      }
    }
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(begin));
    begin = 0;
    if (is_in_step_) return;
  }
}

bool TsScanner::find_step() {
  const size_t needed = (kPacketsToBeSure - 1) * kPacketBytes + 1;
  size_t begin = 0;
  for (; begin + needed <= rest_.size() && !is_in_step_; ++begin) {
    is_in_step_ = true;
    for (size_t i = 0; i < kPacketsToBeSure; ++i) {
      is_in_step_ = is_in_step_ && rest_[begin + i * kPacketBytes] == kSync;
    }
    if (is_in_step_) break;
  }
  figures_.foreign_bytes += begin;
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(begin));
  return is_in_step_;
}

void TsScanner::count(ByteView packet) {
  ++figures_.packets;
  if ((byte_at(packet, 1) & 0x80U) != 0) {
    ++figures_.damaged;
    return;
  }
  const auto pid = static_cast<uint16_t>((byte_at(packet, 1) & 0x1fU) << 8U | byte_at(packet, 2));
  const bool has_payload = (byte_at(packet, 3) & 0x10U) != 0;
  if (pid == kNullPid || !has_payload) return;
  const auto counter = static_cast<uint8_t>(byte_at(packet, 3) & 0x0fU);
  const auto [known, is_new] = counters_.try_emplace(pid, counter);
  if (is_new) return;
  const auto next = static_cast<uint8_t>((known->second + 1U) & 0x0fU);
  // A packet may be sent twice.
  const bool follows = counter == next || counter == known->second;
  if (!follows && !is_announced_jump(packet)) ++figures_.gaps;
  known->second = counter;
}

}  // namespace mayfly
