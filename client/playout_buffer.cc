#include "client/playout_buffer.h"

#include <algorithm>

namespace mayfly {
namespace {

bool is_decodable(const RecentFrames& played, const Frame& frame) {
  return std::ranges::all_of(
      frame.references, [&played](FrameNumber reference) { return played.contains(reference); });
}

}  // namespace

PlayoutBuffer::PlayoutBuffer(PlayoutBufferOptions options, const PlayoutTimeline& timeline)
    : options_(options), timeline_(timeline) {}

bool PlayoutBuffer::insert(Frame frame, Timestamp arrival) {
  Lane& lane = lanes_[frame.track];
  const uint64_t number = frame.number.value();
  const bool in_time = arrival <= timeline_.deadline(frame.dts);
  if (number < lane.next || (!in_time && !options_.catch_up)) return false;
  // The frame everything waits for is always taken, or a full buffer could never empty.
  if (is_full() && number != lane.next) return false;
  const size_t bytes = frame.bytes();
  if (!lane.held.try_emplace(number, Held{std::move(frame), in_time}).second) return false;
  if (!in_time) lane.late_until = std::max(lane.late_until, arrival);
  bytes_ += bytes;
  ++frames_;
  return true;
}

PlayoutStep PlayoutBuffer::next(Timestamp now) {
  if (is_full()) {
    if (auto* const stuck = held_up(now)) {
      return skip(stuck->first, stuck->second, stuck->second.held.begin()->first);
    }
  }
  std::pair<const TrackId, Lane>* first = nullptr;
  Move soonest;
  for (auto& each : lanes_) {
    const Move move = move_of(each.second, now);
    if (move.at >= soonest.at) continue;
    soonest = move;
    first = &each;
  }
  if (first == nullptr || soonest.at > now) return Wait{soonest.at};
  Lane& lane = first->second;
  if (soonest.skip_before > lane.next) return skip(first->first, lane, soonest.skip_before);
  return play(lane);
}

PlayoutBuffer::Move PlayoutBuffer::move_of(const Lane& lane, Timestamp now) const {
  if (lane.held.empty()) return {};
  const auto& [number, held] = *lane.held.begin();
  if (number != lane.next) return move_over_gap(lane, now);
  // Whatever it needs has been decided on, so an undecodable frame need not wait for its time.
  if (!is_decodable(lane.played, held.frame)) return {Timestamp::min(), number + 1};
  return {timeline_.deadline(held.frame.dts), number};
}

PlayoutBuffer::Move PlayoutBuffer::move_over_gap(const Lane& lane, Timestamp now) const {
  for (const auto& [number, held] : lane.held) {
    const Timestamp due = timeline_.deadline(held.frame.dts);
    if (due > now) return {due, lane.next};
    // Without catching up, a frame that could not be shown any more is not waited for.
    if (!options_.catch_up || is_decodable(lane.played, held.frame)) return {due, number};
  }
  return {};
}

Skip PlayoutBuffer::skip(TrackId track, Lane& lane, uint64_t before) {
  Skip skipped{track, FrameNumber(static_cast<uint32_t>(lane.next)),
               FrameNumber(static_cast<uint32_t>(before - 1))};
  while (!lane.held.empty() && lane.held.begin()->first < before) {
    bytes_ -= lane.held.begin()->second.frame.bytes();
    --frames_;
    ++skipped.undecodable;
    lane.held.erase(lane.held.begin());
  }
  lane.next = before;
  return skipped;
}

Play PlayoutBuffer::play(Lane& lane) {
  auto node = lane.held.extract(lane.held.begin());
  Frame& frame = node.mapped().frame;
  bytes_ -= frame.bytes();
  --frames_;
  lane.next = node.key() + 1;
  lane.played.add(frame.number);
  lane.played_dts = frame.dts;
  const Timestamp due = timeline_.deadline(frame.dts);
  return {std::move(frame), due, due < lane.late_until};
}

bool PlayoutBuffer::is_full() const {
  return bytes_ >= options_.max_bytes || frames_ >= options_.max_frames;
}

std::pair<const TrackId, PlayoutBuffer::Lane>* PlayoutBuffer::held_up(Timestamp now) {
  for (auto& each : lanes_) {
    const Lane& lane = each.second;
    if (lane.held.empty() || lane.held.begin()->first == lane.next) continue;
    if (timeline_.deadline(lane.held.begin()->second.frame.dts) <= now) return &each;
  }
  return nullptr;
}

uint64_t PlayoutBuffer::decided_before(TrackId track) const {
  const auto lane = lanes_.find(track);
  return lane == lanes_.end() ? 0 : lane->second.next;
}

Duration PlayoutBuffer::level() const {
  Duration level{};
  for (const auto& [track, lane] : lanes_) {
    if (lane.held.empty()) continue;
    const MediaTime last = lane.held.rbegin()->second.frame.dts;
    const MediaTime first = lane.played_dts.value_or(lane.held.begin()->second.frame.dts);
    level = std::max(level, last - first);
  }
  return level;
}

}  // namespace mayfly
