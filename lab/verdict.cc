#include "lab/verdict.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace mayfly {
namespace {

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

ClassVerdict sum_of(const std::array<ClassVerdict, kFrameClassCount>& classes) {
  ClassVerdict sum;
  for (const ClassVerdict& each : classes) {
    sum.frames += each.frames;
    sum.shown += each.shown;
    sum.undecodable += each.undecodable;
  }
  return sum;
}

void count(const DeliveryLog::FrameRecord& record, bool came_in_time, bool was_shown,
           ClassVerdict& into) {
  ++into.frames;
  if (was_shown) {
    ++into.shown;
  } else if (came_in_time) {
    ++into.undecodable;
  } else if (record.completed) {
    ++into.late;
  } else if (!record.given_up) {
    ++into.lost;
  } else if (*record.given_up == Abandonment::Unsent) {
    ++into.abandoned_unsent;
  } else {
    ++into.abandoned_sent;
  }
}

Duration percentile_95(std::vector<Duration> values) {
  if (values.empty()) return {};
  const size_t place = (values.size() * 95 + 99) / 100 - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(place), values.end());
  return values[place];
}

}  // namespace

void LatencyCounts::add(Duration latency) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(latency).count();
  ++counts_[static_cast<uint64_t>(std::max<int64_t>(whole, 0))];
}

void LatencyCounts::merge(const LatencyCounts& other) {
  for (const auto& [milliseconds, frames] : other.counts_) counts_[milliseconds] += frames;
}

uint64_t LatencyCounts::frames() const {
  uint64_t sum = 0;
  for (const auto& [milliseconds, frames] : counts_) sum += frames;
  return sum;
}

uint64_t LatencyCounts::percentile(double share) const {
  const double wanted = share * static_cast<double>(frames());
  uint64_t sum = 0;
  for (const auto& [milliseconds, frames] : counts_) {
    sum += frames;
    if (static_cast<double>(sum) >= wanted) return milliseconds;
  }
  return most();
}

double Verdict::q() const {
  const ClassVerdict all = sum_of(classes);
  return share(all.shown, all.frames);
}

double Verdict::q(FrameClass each) const {
  const ClassVerdict& of_class = of(each);
  return of_class.frames == 0 ? 1 : share(of_class.shown, of_class.frames);
}

double Verdict::miss_ratio() const {
  const ClassVerdict all = sum_of(classes);
  return share(all.frames - all.shown - all.undecodable, all.frames);
}

double Verdict::overhead_ratio() const { return share(wire_bytes, delivered_bytes); }
double Verdict::useful_share() const { return share(shown_bytes, wire_bytes); }
double Verdict::waste_share() const { return share(delivered_bytes - shown_bytes, wire_bytes); }

std::vector<bool> on_time(const ClipTrace& clip, const DeliveryLog& log, Duration playout_delay) {
  std::vector<bool> flags(clip.size());
  for (size_t i = 0; i < clip.size(); ++i) {
    const auto& completed = log.frames[i].completed;
    flags[i] = completed && *completed <= clip.due(i) + playout_delay;
  }
  return flags;
}

std::vector<bool> decodable(const ClipTrace& clip, const std::vector<bool>& on_time) {
  std::vector<bool> flags = on_time;
  for (size_t i = 0; i < clip.size(); ++i) {
    for (const FrameNumber reference : clip.frames[i].references) {
      if (!flags[reference.value()]) flags[i] = false;
    }
  }
  return flags;
}

std::vector<bool> in_display_order(const ClipTrace& clip, const std::vector<bool>& flags) {
  const std::vector<size_t> places = clip.display_places();
  std::vector<bool> shown(flags.size());
  for (size_t i = 0; i < flags.size(); ++i) shown[places[i]] = flags[i];
  return shown;
}

Verdict judge(const ClipTrace& clip, const DeliveryLog& log, Duration playout_delay) {
  MAYFLY_CHECK(log.frames.size() == clip.size());
  const std::vector<bool> in_time = on_time(clip, log, playout_delay);
  const std::vector<bool> shown = decodable(clip, in_time);
  Verdict verdict;
  for (size_t i = 0; i < clip.size(); ++i) {
    const Frame& frame = clip.frames[i];
    const DeliveryLog::FrameRecord& record = log.frames[i];
    count(record, in_time[i], shown[i], verdict.classes[index_of(frame.frame_class)]);
    if (record.completed) {
      verdict.latency.add(*record.completed - clip.due(i));
      verdict.delivered_bytes += frame.bytes();
    }
    if (shown[i]) verdict.shown_bytes += frame.bytes();
  }
  verdict.wire_bytes = log.wire_bytes;
  verdict.wire_packets = log.wire_packets;
  verdict.chunks_retransmitted = log.chunks_retransmitted;
  verdict.queue_delay_p95 = percentile_95(log.queue_delays);
  verdict.viewer = figures_of_viewer(in_display_order(clip, shown), clip.interval());
  verdict.most_behind = log.most_behind;
  verdict.ended = log.ended;
  return verdict;
}

}  // namespace mayfly
