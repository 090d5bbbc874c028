#include "lab/clip_trace.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mayfly {
namespace {

class Fingerprint {
 public:
  void add(uint64_t value) { value_ = (value_ ^ value) * 0x100000001b3ULL; }
  void add(Duration value) { add(static_cast<uint64_t>(value.count())); }
  [[nodiscard]] uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325ULL;
};

const Track* video_track(const std::vector<Track>& tracks) {
  const auto found = std::find_if(tracks.begin(), tracks.end(),
                                  [](const Track& each) { return each.kind == TrackKind::Video; });
  return found == tracks.end() ? nullptr : &*found;
}

}  // namespace

Duration ClipTrace::interval() const {
  const auto [first, last] = std::minmax_element(
      frames.begin(), frames.end(), [](const Frame& a, const Frame& b) { return a.pts < b.pts; });
  return (last->pts - first->pts) / static_cast<int64_t>(size() - 1);
}

size_t ClipTrace::bytes() const {
  return std::accumulate(frames.begin(), frames.end(), size_t{0},
                         [](size_t sum, const Frame& each) { return sum + each.bytes(); });
}

size_t ClipTrace::largest(FrameClass frame_class) const {
  size_t most = 0;
  for (const Frame& each : frames) {
    if (each.frame_class == frame_class) most = std::max(most, each.bytes());
  }
  return most;
}

size_t ClipTrace::count(FrameClass frame_class) const {
  return static_cast<size_t>(
      std::count_if(frames.begin(), frames.end(),
                    [frame_class](const Frame& each) { return each.frame_class == frame_class; }));
}

std::vector<size_t> ClipTrace::display_places() const {
  std::vector<size_t> order(size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [this](size_t a, size_t b) { return frames[a].pts < frames[b].pts; });
  std::vector<size_t> places(size());
  for (size_t place = 0; place < order.size(); ++place) places[order[place]] = place;
  return places;
}

uint64_t ClipTrace::digest() const {
  Fingerprint fingerprint;
  for (const Frame& each : frames) {
    fingerprint.add(each.dts.time_since_epoch());
    fingerprint.add(each.pts.time_since_epoch());
    fingerprint.add(static_cast<uint64_t>(each.frame_class));
    for (const FrameNumber reference : each.references) fingerprint.add(reference.value());
    fingerprint.add(each.bytes());
    for (const std::byte byte : *each.payload) fingerprint.add(std::to_integer<uint64_t>(byte));
  }
  return fingerprint.value();
}

Result<ClipTrace> read_clip_trace(MediaSource& source, std::string name, Duration longest) {
  const Track* const track = video_track(source.tracks());
  if (track == nullptr) return failure(ErrorCode::Unsupported, name + " has no video");
  ClipTrace trace{std::move(name), *track, {}};
  while (true) {
    ASSIGN_OR_RETURN(Reading reading, source.next());
    auto* const frame = std::get_if<Frame>(&reading);
    if (frame == nullptr) break;
    if (frame->track != track->id) continue;
    if (!trace.frames.empty() && frame->dts - trace.frames[0].dts >= longest) break;
    trace.frames.push_back(std::move(*frame));
  }
  if (trace.size() < 2 || trace.interval() <= Duration::zero()) {
    return failure(ErrorCode::Unsupported,
                   trace.name + " has less than two pictures of video at different times");
  }
  return trace;
}

Result<Reading> ClipTraceSource::next() {
  if (next_ == trace_.size()) return EndOfMedia{};
  return trace_.frames[next_++];
}

Result<void> ClipTraceSource::seek(MediaTime position) {
  if (position > trace_.frames[0].pts) {
    return failure(ErrorCode::Unsupported, "a trace is played from its beginning");
  }
  next_ = 0;
  return {};
}

}  // namespace mayfly
