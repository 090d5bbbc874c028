#include "lab/closed_forms.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "core/quantity.h"

namespace mayfly {
namespace {

// Jitter and timers take up to this share of a recovery round.
constexpr double kKnifeEdge = 0.1;

// All that must be there for the frame to be decoded, itself included.
std::set<size_t> closure_of(const ClipTrace& clip, size_t frame) {
  std::set<size_t> needed;
  std::vector<size_t> open{frame};
  while (!open.empty()) {
    const size_t next = open.back();
    open.pop_back();
    if (!needed.insert(next).second) continue;
    for (const FrameNumber reference : clip.frames[next].references) {
      open.push_back(reference.value());
    }
  }
  return needed;
}

}  // namespace

int attempts(Duration playout_delay, Duration one_way, Duration after, Duration round) {
  const Duration left = playout_delay - one_way - after;
  if (left < Duration::zero()) return 0;
  return 1 + static_cast<int>(left / round);
}

double expected_q(const ClipTrace& clip, const std::vector<double>& frame_success) {
  double sum = 0;
  for (size_t i = 0; i < clip.size(); ++i) {
    double chance = 1;
    for (const size_t needed : closure_of(clip, i)) chance *= frame_success[needed];
    sum += chance;
  }
  return sum / static_cast<double>(clip.size());
}

double expected_udp_q(const ClipTrace& clip, double loss) {
  std::vector<double> success;
  for (const Frame& each : clip.frames) {
    success.push_back(std::pow(1 - loss, static_cast<double>(packets_of(each.bytes()))));
  }
  return expected_q(clip, success);
}

double expected_arq_q(const ClipTrace& clip, double loss, Duration rtt, Duration playout_delay,
                      DataRate capacity) {
  std::vector<double> success;
  for (const Frame& each : clip.frames) {
    double chance = 1;
    for (size_t packet = 1; packet <= packets_of(each.bytes()); ++packet) {
      const Duration leaves =
          capacity.time_for(packet * (kPacketPayloadBytes + kPacketHeaderBytes));
      const int tries = attempts(playout_delay, rtt / 2, leaves, rtt);
      chance *= 1 - std::pow(loss, tries);
    }
    success.push_back(chance);
  }
  return expected_q(clip, success);
}

std::optional<DataRate> mathis_ceiling(double loss, Duration rtt, size_t segment_bytes,
                                       int packets_per_ack) {
  if (loss <= 0 || rtt <= Duration::zero()) return std::nullopt;
  const double window = std::sqrt(3 / (2 * packets_per_ack * loss));
  const double bits = static_cast<double>(segment_bytes) * 8 / to_seconds(rtt) * window;
  return DataRate::bits_per_second(static_cast<int64_t>(bits));
}

std::vector<std::string> warnings_of(const Cell& cell, const ClipTrace& clip) {
  std::vector<std::string> warnings;
  const Duration budget = cell.playout_delay - cell.one_way();
  const double rounds = to_seconds(budget) / to_seconds(cell.rtt);
  const double off = std::abs(rounds - std::round(rounds));
  // Beyond a dozen rounds, one more or less makes no difference.
  if (rounds < 12 && off < kKnifeEdge) {
    warnings.push_back(fmt::format(
        "knife edge: D leaves {:.2f} recovery rounds, so a few milliseconds of jitter cost one",
        rounds));
  }
  if (const auto rate = constant_capacity(cell, clip.media_rate())) {
    const Duration serial = rate->time_for(clip.largest(FrameClass::I));
    if (serial > budget) {
      warnings.push_back(fmt::format(
          "the largest I frame takes {} ms at {}, and D leaves {} ms: it cannot be in time",
          serial.count() / 1000, to_text(*rate), budget.count() / 1000));
    }
  }
  return warnings;
}

}  // namespace mayfly
