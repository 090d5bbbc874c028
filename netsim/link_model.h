#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "netsim/capacity_trace.h"

namespace mayfly {

// Each packet is lost with the same probability, whatever happened before.
struct BernoulliLoss {
  double probability = 0;
  friend bool operator==(const BernoulliLoss&, const BernoulliLoss&) = default;
};

// Gilbert-Elliott by packets: a good and a bad state, a step per packet (as netem's `loss
// gemodel`). The mean must lie between the losses in the two states.
struct GilbertElliottLoss {
  double mean = 0;           // share of packets lost in the long run
  double burst_packets = 1;  // mean length of a bad period
  double loss_in_bad = 1;
  double loss_in_good = 0;
  friend bool operator==(const GilbertElliottLoss&, const GilbertElliottLoss&) = default;
};

// The same two states in time: sojourns are exponential, so an idle sender leaves a fade too.
struct FadingLoss {
  double mean = 0;
  Duration burst{};  // mean length of a bad period
  friend bool operator==(const FadingLoss&, const FadingLoss&) = default;
};

// Loses exactly the packets marked true, cyclically: for tests that name the packet.
struct PatternLoss {
  std::vector<bool> lost{};  // never empty
  friend bool operator==(const PatternLoss&, const PatternLoss&) = default;
};

using LossModel = std::variant<BernoulliLoss, GilbertElliottLoss, FadingLoss, PatternLoss>;

// One direction of a path. The whole model is a value: the command line, tests and reports print
// and parse the same thing. A packet queues for the capacity, is then lost or not, and travels for
// the delay and the jitter; capacities carry packets with their UDP and IP headers.
struct LinkModel {
  LossModel loss = BernoulliLoss{};
  Duration delay{};      // one way
  Duration jitter{};     // uniform on top of the delay: 0 to this
  bool reorder = false;  // whether jitter may let packets overtake each other
  std::variant<std::monostate, DataRate, CapacityTrace> capacity{};  // monostate: unlimited
  Duration queue{300'000};  // drop-tail: what waits longer than this at the rate is dropped
  double duplicate = 0;     // probability of a second copy
  std::vector<std::pair<Duration, Duration>> outages{};  // from, length: since the start
  friend bool operator==(const LinkModel&, const LinkModel&) = default;
};

// Both directions of a path, and the seed of all its randomness.
struct PathModel {
  LinkModel up{};    // from the side that has this model
  LinkModel down{};  // towards it
  uint64_t seed = 1;
  friend bool operator==(const PathModel&, const PathModel&) = default;
};

// A path as people write it: "loss=3%,delay=20ms,rate=4Mbit/s,queue=300ms,jitter=5ms,seed=7". Keys
// without a prefix hold for both directions, "up." and "down." for one and before the others. Also
// burst=5 (packets) or burst=20ms with loss, loss_in_bad=50% and loss_in_good=1% with a burst in
// packets, pattern=00100 (1: lost), reorder=on, duplicate=1%, trace=FILE or trace=1ms+5ms+5ms,
// outage=10s+400ms/25s+400ms. An empty text is a perfect path. All mistakes are told in one error;
// trace files are read at once.
[[nodiscard]] Result<PathModel> parse_path_model(std::string_view spec);
// The text that parses back to the same path: whatever is not as on a perfect one, and the seed.
[[nodiscard]] std::string to_text(const PathModel& model);

}  // namespace mayfly
