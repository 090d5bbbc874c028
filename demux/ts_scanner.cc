#include "demux/ts_scanner.h"

#include "demux/ts_packet.h"

namespace mayfly {
namespace {

// So many packets one behind the other are no accident.
constexpr size_t kPacketsToBeSure = 5;
constexpr uint16_t kNullPid = 0x1fff;

}  // namespace

void TsScanner::add(ByteView bytes) {
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  size_t begin = 0;
  for (;;) {
    if (!is_in_step_ && !find_step()) return;
    while (is_in_step_ && begin + kTsPacketBytes <= rest_.size()) {
      if (rest_[begin] == kTsSync) {
        count(ByteView(rest_).subspan(begin, kTsPacketBytes));
        begin += kTsPacketBytes;
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
  const size_t needed = (kPacketsToBeSure - 1) * kTsPacketBytes + 1;
  size_t begin = 0;
  for (; begin + needed <= rest_.size() && !is_in_step_; ++begin) {
    is_in_step_ = true;
    for (size_t i = 0; i < kPacketsToBeSure; ++i) {
      is_in_step_ = is_in_step_ && rest_[begin + i * kTsPacketBytes] == kTsSync;
    }
    if (is_in_step_) break;
  }
  figures_.foreign_bytes += begin;
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(begin));
  return is_in_step_;
}

void TsScanner::count(ByteView packet) {
  ++figures_.packets;
  const TsPacketHeader header(packet);
  if (header.is_broken) {
    ++figures_.damaged;
    return;
  }
  if (header.pid == kNullPid || !header.has_payload) return;
  const auto [known, is_new] = counters_.try_emplace(header.pid, header.counter);
  if (is_new) return;
  if (!header.follows(known->second) && !header.may_jump) ++figures_.gaps;
  known->second = header.counter;
}

}  // namespace mayfly
