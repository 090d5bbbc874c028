#include "emulator/emulated_lane.h"

#include <algorithm>
#include <utility>

namespace mayfly {

const char* to_string(PacketFate fate) {
  switch (fate) {
    case PacketFate::Delivered: return "delivered";
    case PacketFate::Duplicate: return "duplicate";
    case PacketFate::Lost: return "lost";
    case PacketFate::QueueFull: return "queue-full";
    case PacketFate::NoRoom: return "no-room";
  }
  return "unknown";
}

EmulatedLane::EmulatedLane(Link link, Timestamp start, Observer observer, size_t max_held_bytes)
    : link_(std::move(link)),
      start_(start),
      observer_(std::move(observer)),
      max_held_bytes_(max_held_bytes) {}

void EmulatedLane::change_link(Link link) { link_ = std::move(link); }

void EmulatedLane::offer(Timestamp now, ByteView packet) {
  ++stats_.offered;
  const Link::Passage passage = link_.offer(now, packet.size());
  PacketRecord record{.time = now - start_, .bytes = packet.size()};
  if (passage.outcome == Link::Outcome::QueueFull) {
    ++stats_.queue_full;
    record.fate = PacketFate::QueueFull;
    tell(record);
    return;
  }
  record.queued = passage.departure - now;
  stats_.total_queued += record.queued;
  stats_.longest_queued = std::max(stats_.longest_queued, record.queued);
  if (passage.outcome == Link::Outcome::Lost) {
    ++stats_.lost;
    tell(record);
    return;
  }
  record.fate = PacketFate::Delivered;
  record.arrival = passage.arrival() - start_;
  hold(record, packet);
  if (passage.copies < 2) return;
  ++stats_.duplicated;
  record.fate = PacketFate::Duplicate;
  record.arrival = passage.arrivals[1] - start_;
  hold(record, packet);
}

void EmulatedLane::hold(const PacketRecord& record, ByteView packet) {
  if (held_bytes_ + packet.size() > max_held_bytes_) {
    ++stats_.no_room;
    PacketRecord refused = record;
    refused.fate = PacketFate::NoRoom;
    refused.arrival.reset();
    tell(refused);
    return;
  }
  held_bytes_ += packet.size();
  // Nearly always the last: with the hint that costs no search.
  held_.emplace_hint(held_.end(), start_ + *record.arrival, Bytes(packet.begin(), packet.end()));
  tell(record);
}

std::optional<Bytes> EmulatedLane::take(Timestamp until) {
  if (held_.empty() || held_.begin()->first > until) return std::nullopt;
  Bytes packet = std::move(held_.begin()->second);
  held_.erase(held_.begin());
  held_bytes_ -= packet.size();
  ++stats_.delivered;
  stats_.bytes_delivered += packet.size();
  return packet;
}

std::optional<Timestamp> EmulatedLane::next_arrival() const {
  if (held_.empty()) return std::nullopt;
  return held_.begin()->first;
}

std::optional<Timestamp> EmulatedLane::last_arrival() const {
  if (held_.empty()) return std::nullopt;
  return held_.rbegin()->first;
}

LaneStats EmulatedLane::stats() const {
  LaneStats stats = stats_;
  stats.under_way = held_.size();
  return stats;
}

void EmulatedLane::tell(const PacketRecord& record) const {
  if (observer_) observer_(record);
}

}  // namespace mayfly
