#include "netsim/bottleneck.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

// One delivery opportunity of mahimahi's traces.
constexpr size_t kOpportunityBytes = 1500;
// A byte at one bit per second takes this many nanoseconds.
constexpr int64_t kNanosecondBitsPerByte = 8'000'000'000;

// A queue bounded in time holds that much of the trace's mean rate.
size_t queue_bytes_of(const CapacityTrace& trace, Duration queue) {
  const double bytes_per_us = static_cast<double>(kOpportunityBytes * trace.opportunities.size()) /
                              static_cast<double>(trace.opportunities.back().count());
  return static_cast<size_t>(bytes_per_us * static_cast<double>(queue.count()));
}

}  // namespace

Bottleneck::Bottleneck(const LinkModel& model, Timestamp start)
    : capacity_(model.capacity), queue_(model.queue), start_(start) {
  if (const auto* rate = std::get_if<DataRate>(&capacity_)) {
    MAYFLY_CHECK(rate->bits_per_second() > 0);
  }
  if (const auto* trace = std::get_if<CapacityTrace>(&capacity_)) {
    MAYFLY_CHECK(!trace->opportunities.empty());
    MAYFLY_CHECK(trace->opportunities.back() > Duration::zero());
    queue_bytes_ = queue_bytes_of(*trace, queue_);
  }
}

std::optional<Timestamp> Bottleneck::offer(Timestamp now, size_t bytes) {
  return std::visit([&](const auto& capacity) { return offer_to(capacity, now, bytes); },
                    capacity_);
}

std::optional<Timestamp> Bottleneck::offer_to(std::monostate, Timestamp now, size_t) { return now; }

std::optional<Timestamp> Bottleneck::offer_to(DataRate rate, Timestamp now, size_t bytes) {
  const int64_t now_ns = (now - start_).count() * 1000;
  if (idle_at_ns_ < now_ns) {
    idle_at_ns_ = now_ns;
    idle_at_rest_ = 0;
  }
  if (idle_at_ns_ - now_ns > queue_.count() * 1000) return std::nullopt;
  const int64_t bits_per_second = rate.bits_per_second();
  const int64_t work = static_cast<int64_t>(bytes) * kNanosecondBitsPerByte + idle_at_rest_;
  idle_at_ns_ += work / bits_per_second;
  idle_at_rest_ = work % bits_per_second;
  const int64_t left_at_ns = idle_at_ns_ + (idle_at_rest_ > 0 ? 1 : 0);
  return start_ + Duration((left_at_ns + 999) / 1000);
}

std::optional<Timestamp> Bottleneck::offer_to(const CapacityTrace& trace, Timestamp now,
                                              size_t bytes) {
  while (!waiting_.empty() && waiting_.front().departs <= now) {
    waiting_bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  // An empty queue takes a packet of any size, or nothing would ever pass a short one.
  if (!waiting_.empty() && waiting_bytes_ + bytes > queue_bytes_) return std::nullopt;
  skip_opportunities(trace, now);
  size_t left = bytes;
  while (used_bytes_ + left > kOpportunityBytes) {
    left -= kOpportunityBytes - used_bytes_;
    next_opportunity(trace);
  }
  used_bytes_ += left;
  const Timestamp departs = opportunity_time(trace);
  waiting_.push_back({departs, bytes});
  waiting_bytes_ += bytes;
  return departs;
}

Timestamp Bottleneck::opportunity_time(const CapacityTrace& trace) const {
  return start_ + round_ * trace.opportunities.back() + trace.opportunities[next_];
}

void Bottleneck::skip_opportunities(const CapacityTrace& trace, Timestamp now) {
  const Duration length = trace.opportunities.back();
  const int64_t round_now = (now - start_) / length;
  if (round_now > round_ + 1) {  // a long silence: do not walk through all of it
    round_ = round_now - 1;
    next_ = 0;
    used_bytes_ = 0;
  }
  while (opportunity_time(trace) <= now) next_opportunity(trace);
}

void Bottleneck::next_opportunity(const CapacityTrace& trace) {
  used_bytes_ = 0;
  if (++next_ < trace.opportunities.size()) return;
  next_ = 0;
  ++round_;
}

}  // namespace mayfly
