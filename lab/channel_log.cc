#include "lab/channel_log.h"

#include <algorithm>

#include "netsim/link.h"

namespace mayfly {
namespace {

constexpr size_t kFullPacketBytes = 1280;  // 1252 bytes in UDP and IPv4
constexpr double kOpportunityBytes = 1500;

}  // namespace

ChannelLog::ChannelLog(const Cell& cell, DataRate media_rate, uint64_t seed, Duration length) {
  const Link link = forward_link(cell, media_rate, seed, length, Timestamp{});
  Link channel = link.without_capacity();
  const auto is_lost = [&channel](Duration at) {
    return channel.offer(Timestamp{} + at, kFullPacketBytes).copies == 0;
  };
  if (const auto rate = constant_capacity(cell, media_rate)) {
    Duration begin{};
    for (size_t sent = 1; begin < length; ++sent) {
      const Duration end = rate->time_for(sent * kFullPacketBytes);
      add(begin, end, kFullPacketBytes, is_lost(end));
      begin = end;
    }
    return;
  }
  const auto& trace = std::get<CapacityTrace>(link.model().capacity);
  for (Duration turn{}; turn < length; turn += trace.opportunities.back()) {
    for (const Duration at : trace.opportunities) {
      add(turn + at, turn + at, kOpportunityBytes, is_lost(turn + at));
    }
  }
}

void ChannelLog::add(Duration begin, Duration end, double bytes, bool lost) {
  const double before = slots_.empty() ? 0 : slots_.back().before + slots_.back().bytes;
  slots_.push_back({begin, end, lost ? 0 : bytes, before});
}

double ChannelLog::bytes_by(Duration time) const {
  const auto next = std::upper_bound(slots_.begin(), slots_.end(), time,
                                     [](Duration at, const Slot& each) { return at < each.end; });
  if (next == slots_.end()) {
    return slots_.empty() ? 0 : slots_.back().before + slots_.back().bytes;
  }
  if (time <= next->begin) return next->before;
  return next->before +
         next->bytes * to_seconds(time - next->begin) / to_seconds(next->end - next->begin);
}

}  // namespace mayfly
