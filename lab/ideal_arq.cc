#include "lab/ideal_arq.h"

#include <queue>
#include <tuple>

#include "lab/closed_forms.h"
#include "netsim/link.h"

namespace mayfly {
namespace {

// Where the capacity changes a packet leaves at once, which keeps the bound one.
constexpr DataRate kNoLimit = DataRate::bits_per_second(1'000'000'000'000);

struct Try {
  Duration leaves{};
  size_t order = 0;  // among equals, as they were sent first
  size_t frame = 0;
  friend bool operator>(const Try& a, const Try& b) {
    return std::tie(a.leaves, a.order) > std::tie(b.leaves, b.order);
  }
};

using Tries = std::priority_queue<Try, std::vector<Try>, std::greater<>>;

Tries first_tries(const ClipTrace& clip, DataRate capacity) {
  Tries tries;
  size_t order = 0;
  for (size_t i = 0; i < clip.size(); ++i) {
    for (size_t packet = 1; packet <= packets_of(clip.frames[i].bytes()); ++packet) {
      const Duration after = capacity.time_for(packet * (kPacketPayloadBytes + kPacketHeaderBytes));
      tries.push({clip.due(i) + after, order++, i});
    }
  }
  return tries;
}

}  // namespace

std::vector<bool> ideal_arq_on_time(const ClipTrace& clip, const Cell& cell, uint64_t seed) {
  const DataRate rate = clip.media_rate();
  const Duration length = clip.length() + cell.playout_delay;
  Link channel = forward_link(cell, rate, seed, length, Timestamp{}).without_capacity();
  Tries tries = first_tries(clip, constant_capacity(cell, rate).value_or(kNoLimit));
  std::vector<bool> on_time(clip.size(), true);
  while (!tries.empty()) {
    const Try next = tries.top();
    tries.pop();
    const Duration deadline = clip.due(next.frame) + cell.playout_delay;
    if (next.leaves + cell.one_way() > deadline) {
      on_time[next.frame] = false;
      continue;
    }
    const Link::Passage passage = channel.offer(Timestamp{} + next.leaves, kPacketPayloadBytes);
    if (passage.copies > 0) continue;
    tries.push({next.leaves + cell.rtt, next.order, next.frame});
  }
  return on_time;
}

}  // namespace mayfly
