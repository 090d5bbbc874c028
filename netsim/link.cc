#include "netsim/link.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

// The questions asked about one packet.
constexpr uint64_t kJitterPurpose = 1;
constexpr uint64_t kDuplicatePurpose = 2;
constexpr uint64_t kSecondJitterPurpose = 3;

}  // namespace

Link::Link(const LinkModel& model, uint64_t seed, Timestamp start)
    : model_(model),
      seed_(seed),
      start_(start),
      bottleneck_(model, start),
      loss_(model.loss, derived_seed(seed, 1)),
      keyed_(derived_seed(seed, 2)),
      latest_arrival_(start) {}

Link Link::without_capacity() const {
  LinkModel unlimited = model_;
  unlimited.capacity = std::monostate{};
  return {unlimited, seed_, start_};
}

Link::Passage Link::offer(Timestamp now, size_t bytes) {
  MAYFLY_DCHECK(now >= start_);
  ++stats_.offered;
  Passage passage;
  const auto departure = bottleneck_.offer(now, bytes);
  if (!departure) {
    ++stats_.dropped_by_queue;
    passage.outcome = Outcome::QueueFull;
    return passage;
  }
  passage.departure = *departure;
  const Duration since_start = *departure - start_;
  const ChannelSlot slot = slot_at(since_start);
  // The channel is asked during an outage too: what comes after it must not depend on it.
  const bool lost = loss_.loses(since_start, slot);
  if (lost || in_outage(since_start)) {
    ++stats_.lost;
    return passage;
  }
  passage.outcome = Outcome::Delivered;
  passage.copies = 1;
  passage.arrivals[0] = arrival_of(*departure, slot, kJitterPurpose);
  ++stats_.delivered;
  stats_.bytes_delivered += bytes;
  if (model_.duplicate > 0 &&
      keyed_.uniform(slot.slot, slot.index, kDuplicatePurpose) < model_.duplicate) {
    passage.copies = 2;
    passage.arrivals[1] = arrival_of(*departure, slot, kSecondJitterPurpose);
    ++stats_.duplicated;
  }
  return passage;
}

ChannelSlot Link::slot_at(Duration since_start) {
  const auto slot = static_cast<uint64_t>(since_start.count() / 1000);
  if (slot != slot_.slot) slot_ = {slot, 0};
  const ChannelSlot here = slot_;
  ++slot_.index;
  return here;
}

bool Link::in_outage(Duration since_start) const {
  return std::any_of(model_.outages.begin(), model_.outages.end(), [&](const auto& outage) {
    return since_start >= outage.first && since_start < outage.first + outage.second;
  });
}

Timestamp Link::arrival_of(Timestamp departure, const ChannelSlot& slot, uint64_t purpose) {
  Timestamp arrival = departure + model_.delay;
  if (model_.jitter > Duration::zero()) {
    const double extra = keyed_.uniform(slot.slot, slot.index, purpose) *
                         (static_cast<double>(model_.jitter.count()) + 1);
    arrival += Duration(static_cast<int64_t>(extra));
  }
  if (!model_.reorder) arrival = std::max(arrival, latest_arrival_);
  latest_arrival_ = std::max(latest_arrival_, arrival);
  return arrival;
}

Link up_link(const PathModel& path, Timestamp start) {
  return Link(path.up, derived_seed(path.seed, 1), start);
}

Link down_link(const PathModel& path, Timestamp start) {
  return Link(path.down, derived_seed(path.seed, 2), start);
}

}  // namespace mayfly
