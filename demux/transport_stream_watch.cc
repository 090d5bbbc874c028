#include "demux/transport_stream_watch.h"

#include <algorithm>
#include <utility>

#include "demux/ts_packet.h"

namespace mayfly {
namespace {

// So many packets in a row are no accident.
constexpr size_t kProof = 3;

bool is_in_step(ByteView bytes, const TransportStreamWatch::Layout& layout, size_t packets) {
  for (size_t index = 0; index < packets; ++index) {
    const size_t sync = index * layout.packet + layout.lead;
    if (sync >= bytes.size() || bytes[sync] != kTsSync) return false;
  }
  return true;
}

}  // namespace

std::optional<TransportStreamWatch::Layout> TransportStreamWatch::layout_of(ByteView beginning) {
  for (const Layout& layout : {Layout{188, 0}, Layout{192, 4}, Layout{204, 0}}) {
    if (is_in_step(beginning, layout, kProof)) return layout;
  }
  return std::nullopt;
}

TransportStreamWatch::TransportStreamWatch(Layout layout, const std::vector<uint16_t>& pids)
    : layout_(layout) {
  for (const uint16_t pid : pids) watched_.set(pid % kPids);
}

void TransportStreamWatch::jump() {
  in_step_ = false;
  pending_.clear();
  counters_.fill(std::nullopt);
}

// Moves to where packets stand in a row again; false when that takes more bytes.
bool TransportStreamWatch::synchronise(size_t& at) {
  for (; pending_.size() - at >= kProof * layout_.packet; ++at) {
    if (is_in_step(ByteView(pending_).subspan(at), layout_, kProof)) return true;
  }
  return false;
}

std::optional<std::string_view> TransportStreamWatch::read(ByteView bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  std::optional<std::string_view> wrong;
  size_t at = 0;
  for (;;) {
    if (!in_step_ && !(in_step_ = synchronise(at))) break;
    if (pending_.size() - at < layout_.packet) break;
    const ByteView packet = ByteView(pending_).subspan(at, layout_.packet);
    if (packet[layout_.lead] != kTsSync) {
      in_step_ = false;
      if (!wrong) wrong = "something else than transport packets";
      continue;
    }
    if (const auto found = check(packet.subspan(layout_.lead)); found && !wrong) wrong = found;
    at += layout_.packet;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(at));
  return wrong;
}

std::optional<std::string_view> TransportStreamWatch::check(ByteView packet) {
  const TsPacketHeader header(packet);
  if (!watched_.test(header.pid)) return std::nullopt;
  const std::optional<uint8_t> last = std::exchange(counters_[header.pid], header.counter);
  if (header.is_broken) return "a packet that was received broken";
  const bool may_jump = header.may_jump || header.starts_unit;
  if (!last || may_jump || header.follows(*last)) return std::nullopt;
  return "transport packets are missing";
}

std::optional<std::string_view> TransportStreamWatch::finish() {
  const bool is_padding = std::ranges::all_of(
      pending_, [](std::byte each) { return each == std::byte{0} || each == std::byte{0xff}; });
  if (is_padding) return std::nullopt;
  if (in_step_) return "its last transport packet is cut off";
  // Less than the proof of being in step: the end of a file that ends well, reached by a jump.
  return std::nullopt;
}

}  // namespace mayfly
