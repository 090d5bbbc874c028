#include "tests/simulation/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <utility>
#include <variant>

#include "tests/simulation/run_log.h"

namespace mayfly {
namespace {

using FramesOfClip = std::map<std::pair<TrackId, uint32_t>, Frame>;

FramesOfClip frames_of(const SyntheticShape& clip) {
  FramesOfClip frames;
  SyntheticSource source(clip);
  while (true) {
    auto reading = source.next();
    auto* const frame = reading ? std::get_if<Frame>(&*reading) : nullptr;
    if (frame == nullptr) return frames;
    const std::pair key(frame->track, frame->number.value());
    frames.emplace(key, std::move(*frame));
  }
}

bool is_same_but_for_its_number(const Frame& one, const Frame& other) {
  return one.frame_class == other.frame_class && one.picture_type == other.picture_type &&
         one.keyframe == other.keyframe && one.pts == other.pts && one.dts == other.dts &&
         one.duration == other.duration && *one.payload == *other.payload;
}

uint64_t digest_of(const std::vector<Frame>& frames, const std::vector<Duration>& lateness) {
  Digest digest;
  for (size_t i = 0; i < frames.size(); ++i) {
    digest.add(frames[i].track.value());
    digest.add(frames[i].number.value());
    digest.add(static_cast<uint64_t>(lateness[i].count()));
    digest.add(*frames[i].payload);
  }
  return digest.value();
}

}  // namespace

void Outcome::judge(const SyntheticShape& clip) {
  const FramesOfClip expected = frames_of(clip);
  std::array<std::set<uint32_t>, kFrameClassCount> seen;
  for (const Frame& each : shown) {
    // A payload begins with its place in the clip, which a seek does not change.
    const uint32_t position = ByteReader(*each.payload).u32();
    const auto found = expected.find({each.track, position});
    if (found == expected.end() || !is_same_but_for_its_number(each, found->second)) {
      wrong.push_back(fmt::format("track {} frame {} ({})", each.track.value(), each.number.value(),
                                  to_string(each.frame_class)));
    } else {
      seen[index_of(each.frame_class)].insert(position);
    }
  }
  for (size_t i = 0; i < kFrameClassCount; ++i) genuine[i] = seen[i].size();
  frames_digest = digest_of(shown, lateness);
}

std::string Outcome::error() const {
  if (!finished) return "(still plays)";
  return *finished ? "(no error)" : finished->error().message;
}

uint64_t Outcome::sum(uint64_t ClassFates::*state) const {
  uint64_t total = 0;
  for (const ClassFates& each : stats.classes) total += each.*state;
  return total;
}

std::string Outcome::table() const {
  std::string text =
      fmt::format("  {:6}{:>7}{:>9}{:>6}{:>9}{:>9}{:>6}{:>13}{:>9}\n", "class", "sent", "on time",
                  "late", "unsent", "given up", "lost", "undecodable", "p95 ms");
  for (const FrameClass each : kFrameClasses) {
    const ClassFates& fates = of(each);
    if (fates.sent == 0) continue;
    text += fmt::format("  {:6}{:>7}{:>9}{:>6}{:>9}{:>9}{:>6}{:>13}{:>9.0f}\n", to_string(each),
                        fates.sent, fates.on_time, fates.late, fates.abandoned_unsent,
                        fates.abandoned_sent, fates.lost, fates.undecodable,
                        to_milliseconds(stats.latency_by_class[index_of(each)].p95));
  }
  return text;
}

uint64_t arrived(const ClassFates& fates) { return fates.on_time + fates.late + fates.undecodable; }

uint64_t abandoned(const ClassFates& fates) {
  return fates.abandoned_unsent + fates.abandoned_sent;
}

bool states_sum_to_sent(const Outcome& outcome) {
  return std::ranges::all_of(outcome.stats.classes, [](const ClassFates& each) {
    return arrived(each) + abandoned(each) + each.lost == each.sent;
  });
}

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << outcome.name << ": " << outcome.error() << ", shown " << outcome.shown.size()
       << " frames, wrong " << outcome.wrong.size() << "\n"
       << outcome.table() << outcome.story;
}

}  // namespace mayfly
