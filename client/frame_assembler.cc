#include "client/frame_assembler.h"

#include <memory>
#include <utility>

#include "core/check.h"

namespace mayfly {

bool is_before(wire::Epoch a, wire::Epoch b) {
  const auto ahead = static_cast<uint8_t>(b.value() - a.value());
  return ahead != 0 && ahead < 128;
}

FrameAssembler::FrameAssembler(FrameAssemblerOptions options) : options_(options) {}

std::optional<AssembledFrame> FrameAssembler::insert(const wire::FramePiece& piece, Timestamp now) {
  ++counters_.pieces;
  if (is_outdated(piece)) {
    ++counters_.outdated;
    return std::nullopt;
  }
  const auto completed = completed_.find({piece.epoch, piece.track});
  if (completed != completed_.end() && completed->second.contains(piece.number)) {
    ++counters_.duplicates;
    return std::nullopt;
  }
  const Key key{piece.epoch, piece.track, piece.number};
  Partial& partial = partial_for(key, piece, now);
  const Fit fit = fit_of(partial, piece);
  if (fit != Fit::New) {
    ++(fit == Fit::Duplicate ? counters_.duplicates : counters_.conflicting);
    return std::nullopt;
  }
  partial.last_arrival = now;
  if (piece.description) partial.description = piece.description;
  partial.pieces.emplace_hint(partial.pieces.end(), piece.offset,
                              Bytes(piece.body.begin(), piece.body.end()));
  partial.received_bytes += static_cast<uint32_t>(piece.body.size());
  bytes_ += piece.body.size();
  if (partial.received_bytes < partial.frame_bytes || !partial.description) {
    keep_within_bounds(key);
    return std::nullopt;
  }
  AssembledFrame whole = join(key, partial, now);
  erase(partials_.find(key));
  completed_[{piece.epoch, piece.track}].add(piece.number);
  ++counters_.frames;
  return whole;
}

void FrameAssembler::retire_before(wire::Epoch oldest) {
  if (oldest_ && !is_before(*oldest_, oldest)) return;
  oldest_ = oldest;
  for (auto each = partials_.begin(); each != partials_.end();) {
    const auto here = each++;
    if (is_before(std::get<wire::Epoch>(here->first), oldest)) erase(here);
  }
  std::erase_if(completed_, [oldest](const auto& each) {
    return is_before(std::get<wire::Epoch>(each.first), oldest);
  });
}

void FrameAssembler::forget_idle_since(Timestamp then) {
  for (auto each = partials_.begin(); each != partials_.end();) {
    const auto here = each++;
    if (here->second.last_arrival > then) continue;
    erase(here);
    ++counters_.given_up;
  }
}

bool FrameAssembler::is_outdated(const wire::FramePiece& piece) const {
  if (oldest_ && is_before(piece.epoch, *oldest_)) return true;
  const auto completed = completed_.find({piece.epoch, piece.track});
  return completed != completed_.end() && completed->second.is_forgotten(piece.number);
}

FrameAssembler::Partial& FrameAssembler::partial_for(const Key& key, const wire::FramePiece& piece,
                                                     Timestamp now) {
  const auto [at, is_new] = partials_.try_emplace(key);
  if (is_new) {
    at->second.frame_bytes = piece.frame_bytes;
    at->second.first_arrival = now;
    at->second.last_arrival = now;
    at->second.age = by_age_.insert(by_age_.end(), key);
  }
  return at->second;
}

// Pieces never overlap, so the neighbours by offset are the only ones to compare with.
FrameAssembler::Fit FrameAssembler::fit_of(const Partial& partial, const wire::FramePiece& piece) {
  if (piece.frame_bytes != partial.frame_bytes) return Fit::Conflict;
  const auto after = partial.pieces.lower_bound(piece.offset);
  if (after != partial.pieces.end()) {
    if (after->first == piece.offset) {
      return after->second.size() == piece.body.size() ? Fit::Duplicate : Fit::Conflict;
    }
    if (piece.offset + piece.body.size() > after->first) return Fit::Conflict;
  }
  if (after != partial.pieces.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second.size() > piece.offset) return Fit::Conflict;
  }
  return Fit::New;
}

AssembledFrame FrameAssembler::join(const Key& key, Partial& partial, Timestamp now) {
  auto payload = std::make_shared<Bytes>();
  if (partial.pieces.size() == 1) {
    bytes_ -= partial.frame_bytes;
    partial.received_bytes = 0;
    *payload = std::move(partial.pieces.begin()->second);
  } else {
    payload->reserve(partial.frame_bytes);
    for (const auto& [offset, body] : partial.pieces) {
      payload->insert(payload->end(), body.begin(), body.end());
    }
  }
  const auto& [epoch, track, number] = key;
  wire::FrameDescription& told = *partial.description;
  Frame frame{.track = track,
              .number = number,
              .frame_class = told.frame_class,
              .picture_type = told.picture_type,
              .keyframe = told.keyframe,
              .gop = told.gop,
              .pts = told.pts,
              .dts = told.dts,
              .duration = told.duration,
              .references = std::move(told.references),
              .payload = std::move(payload)};
  return {epoch, std::move(frame), told.sent_at, partial.first_arrival, now};
}

void FrameAssembler::keep_within_bounds(const Key& newest) {
  while (bytes_ > options_.max_bytes || partials_.size() > options_.max_frames) {
    const auto oldest = partials_.find(by_age_.front());
    MAYFLY_CHECK(oldest != partials_.end());
    const bool was_newest = oldest->first == newest;
    erase(oldest);
    ++counters_.given_up;
    if (was_newest) return;
  }
}

void FrameAssembler::erase(std::map<Key, Partial>::iterator at) {
  bytes_ -= at->second.received_bytes;
  by_age_.erase(at->second.age);
  partials_.erase(at);
}

}  // namespace mayfly
