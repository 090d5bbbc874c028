#include "demux/libav/keyframe_finder.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace mayfly {
namespace {

// How much of a packet makes its fingerprint.
constexpr size_t kFingerprintBytes = 4096;
// How far before a keyframe the container is asked to go: transport streams carry audio of the same
// time some way behind the video.
constexpr Duration kApproach = 500ms;
// The first step back from a position in search of a keyframe; each further step is four times as
// wide.
constexpr Duration kFirstStep = 1s;
// A landing that is not reached within so much reading is sought from the start.
constexpr size_t kLongestApproach = size_t{64} << 20;
// What of other tracks is kept on the way to a landing.
constexpr size_t kMostKept = 4096;

// FNV-1a (draft-eastlake-fnv).
uint64_t fingerprint_of(ByteView bytes) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::byte each : bytes.first(std::min(bytes.size(), kFingerprintBytes))) {
    hash = (hash ^ std::to_integer<uint64_t>(each)) * 0x100000001b3ULL;
  }
  return hash;
}

std::optional<MediaTime> time_of(const CodedPacket& packet) {
  return packet.pts ? packet.pts : packet.dts;
}

}  // namespace

KeyframeFinder::Mark KeyframeFinder::mark_of(const CodedPacket& packet) const {
  Mark mark;
  if (input_.is_read_through()) mark.ordinal = packet.ordinal;
  mark.bytes = packet.bytes.size();
  mark.fingerprint = fingerprint_of(packet.bytes);
  mark.dts = packet.dts;
  mark.pts = packet.pts;
  return mark;
}

bool KeyframeFinder::is_same(const Mark& one, const Mark& other) {
  if (one.bytes != other.bytes || one.fingerprint != other.fingerprint) return false;
  // Equal bytes are not enough: still pictures repeat.
  if (one.ordinal && other.ordinal) return one.ordinal == other.ordinal;
  return (one.dts && one.dts == other.dts) || (one.pts && one.pts == other.pts);
}

bool KeyframeFinder::is_unique(const Keyframe& keyframe) const {
  if (!index_) return true;
  Mark anywhere = keyframe.mark;
  anywhere.ordinal.reset();
  return 1 == std::count_if(index_->begin(), index_->end(),
                            [&](const Keyframe& each) { return is_same(each.mark, anywhere); });
}

Result<std::vector<KeyframeFinder::Keyframe>> KeyframeFinder::scan(std::optional<MediaTime> until) {
  FrameReader reader(input_, std::nullopt);
  // By ordinal, of the first track's packets whose frames are not out yet.
  std::deque<std::pair<uint64_t, Keyframe>> candidates;
  reader.set_on_packet([&](const LibavInput::TrackPacket& read) {
    if (read.track != 0) return;
    candidates.emplace_back(
        read.packet.ordinal,
        Keyframe{{}, {}, mark_of(read.packet), reader.clock(), reader.corrections()});
  });
  std::vector<Keyframe> keyframes;
  for (;;) {
    auto read = reader.next();
    // A clip that ends in damage is searched up to there.
    if (!read && read.error().code == ErrorCode::Closed) return failure(read.error());
    if (!read || !*read) return keyframes;
    const Frame& frame = (*read)->frame;
    if (frame.track != input_.tracks().front().id) continue;
    while (!candidates.empty() && candidates.front().first < (*read)->ordinal) {
      candidates.pop_front();
    }
    if (frame.keyframe && !candidates.empty()) {
      Keyframe keyframe = candidates.front().second;
      keyframe.pts = frame.pts;
      keyframe.dts = frame.dts;
      keyframe.corrections.front() = (*read)->correction;
      keyframes.push_back(std::move(keyframe));
    }
    if (until && frame.dts > *until) return keyframes;
  }
}

std::optional<KeyframeFinder::Keyframe> KeyframeFinder::last_before(
    const std::vector<Keyframe>& keyframes, MediaTime position) const {
  std::optional<Keyframe> best;
  for (const Keyframe& each : keyframes) {
    if (each.pts <= position) best = each;
  }
  return best;
}

Result<std::optional<KeyframeFinder::Keyframe>> KeyframeFinder::find(MediaTime position) {
  const bool at_start = position <= input_.start_time();
  if (input_.has_index() && !at_start) {
    for (Duration back{}; position - back > input_.start_time();
         back = back == Duration{} ? kFirstStep : back * 4) {
      if (!input_.seek_near(position - back)) break;
      ASSIGN_OR_RETURN(const auto keyframes, scan(position));
      if (auto best = last_before(keyframes, position)) return best;
    }
  }
  if (!index_) {
    RETURN_IF_ERROR(input_.rewind());
    const bool near_is_enough = input_.has_index() || at_start;
    ASSIGN_OR_RETURN(auto keyframes, scan(near_is_enough ? std::optional(position) : std::nullopt));
    if (near_is_enough && !keyframes.empty()) {
      return std::optional(last_before(keyframes, position).value_or(keyframes.front()));
    }
    if (near_is_enough) {
      RETURN_IF_ERROR(input_.rewind());
      ASSIGN_OR_RETURN(keyframes, scan(std::nullopt));
    }
    index_ = std::move(keyframes);
  }
  if (auto best = last_before(*index_, position)) return best;
  return index_->empty() ? std::nullopt : std::optional<Keyframe>(index_->front());
}

Result<std::optional<KeyframeFinder::Landing>> KeyframeFinder::read_until(const Keyframe& keyframe,
                                                                          bool from_start) {
  std::deque<LibavInput::TrackPacket> kept;
  std::vector<std::optional<MediaTime>> newest(input_.tracks().size());
  for (size_t bytes = 0; from_start || bytes < kLongestApproach;) {
    auto read = input_.read();
    if (!read && !from_start) return std::nullopt;
    if (!read) return failure(read.error());
    if (!*read) return std::nullopt;
    LibavInput::TrackPacket& packet = **read;
    bytes += packet.packet.bytes.size();
    if (packet.track == 0) {
      if (!is_same(mark_of(packet.packet), keyframe.mark)) continue;
      Landing landing;
      landing.beginning = {keyframe.pts, keyframe.dts, keyframe.clock, keyframe.corrections};
      std::move(kept.begin(), kept.end(), std::back_inserter(landing.packets));
      landing.packets.push_back(std::move(packet));
      return landing;
    }
    // Sound (and other pictures' tracks would be cut anyhow) of the same time may lie before the
    // keyframe in the file.
    if (input_.tracks()[packet.track].kind != TrackKind::Audio) continue;
    const auto at = time_of(packet.packet);
    if (!at) continue;
    const auto before = std::exchange(newest[packet.track], at);
    if (before && *at < *before - ClipClock::kLongestStepBack) {  // a new clock
      std::erase_if(kept, [&](const auto& each) { return each.track == packet.track; });
    }
    if (*at + keyframe.corrections[packet.track] < keyframe.pts) continue;
    kept.push_back(std::move(packet));
    if (kept.size() > kMostKept) kept.pop_front();
  }
  return std::nullopt;
}

Result<KeyframeFinder::Landing> KeyframeFinder::land(MediaTime position) {
  if (input_.tracks().front().kind != TrackKind::Video) return land_without_video(position);
  ASSIGN_OR_RETURN(const auto keyframe, find(position));
  // The clip's very first packet: from there nothing is left out.
  const bool is_first = keyframe && keyframe->mark.ordinal == 0U;
  if (keyframe && !is_first) {
    const auto told = keyframe->mark.dts ? keyframe->mark.dts : keyframe->mark.pts;
    for (const Duration back : {Duration{}, kApproach, 8 * kApproach}) {
      if (!told || !is_unique(*keyframe) || !input_.seek_near(*told - back)) break;
      ASSIGN_OR_RETURN(auto landing, read_until(*keyframe, false));
      if (landing) return std::move(*landing);
    }
    RETURN_IF_ERROR(input_.rewind());
    ASSIGN_OR_RETURN(auto landing, read_until(*keyframe, true));
    if (landing) return std::move(*landing);
  }
  RETURN_IF_ERROR(input_.rewind());
  return Landing{};
}

Result<KeyframeFinder::Landing> KeyframeFinder::land_without_video(MediaTime position) {
  if (!input_.seek_near(position)) RETURN_IF_ERROR(input_.rewind());
  for (;;) {
    ASSIGN_OR_RETURN(auto read, input_.read());
    if (!read) return Landing{};
    const auto at = time_of(read->packet);
    if (at && *at + read->packet.duration <= position) continue;
    Landing landing;
    landing.packets.push_back(std::move(*read));
    return landing;
  }
}

}  // namespace mayfly
