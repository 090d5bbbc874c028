#include "demux/libav/keyframe_finder.h"

#include <algorithm>
#include <deque>

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

Result<std::vector<KeyframeFinder::Keyframe>> KeyframeFinder::scan(std::optional<MediaTime> until) {
  FrameReader reader(input_, std::nullopt);
  std::deque<std::pair<uint64_t, Mark>>
      marks;  // by ordinal, of the first track's packets whose frames are not out yet
  reader.set_on_packet([&](const LibavInput::TrackPacket& read) {
    if (read.track == 0) marks.emplace_back(read.packet.ordinal, mark_of(read.packet));
  });
  std::vector<Keyframe> keyframes;
  for (;;) {
    auto read = reader.next();
    // A clip that ends in damage is searched up to there.
    if (!read && read.error().code == ErrorCode::Closed) return failure(read.error());
    if (!read || !*read) return keyframes;
    const Frame& frame = (*read)->frame;
    if (frame.track != input_.tracks().front().id) continue;
    while (!marks.empty() && marks.front().first < (*read)->ordinal) marks.pop_front();
    if (frame.keyframe && !marks.empty()) {
      keyframes.push_back({frame.pts, frame.dts, reader.correction(0), marks.front().second});
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
      landing.beginning = {keyframe.pts, keyframe.dts, keyframe.correction};
      std::move(kept.begin(), kept.end(), std::back_inserter(landing.packets));
      landing.packets.push_back(std::move(packet));
      return landing;
    }
    // Sound (and other pictures' tracks would be cut anyhow) of the same time may lie before the
    // keyframe in the file.
    const auto at = packet.packet.pts ? packet.packet.pts : packet.packet.dts;
    const bool is_sound = input_.tracks()[packet.track].kind == TrackKind::Audio;
    if (is_sound && at && *at + keyframe.correction >= keyframe.pts) {
      kept.push_back(std::move(packet));
      if (kept.size() > kMostKept) kept.pop_front();
    }
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
      if (!told || !input_.seek_near(*told - back)) break;
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
    const auto at = read->packet.pts ? read->packet.pts : read->packet.dts;
    if (at && *at + read->packet.duration <= position) continue;
    Landing landing;
    landing.packets.push_back(std::move(*read));
    return landing;
  }
}

}  // namespace mayfly
