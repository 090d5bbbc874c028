#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "netsim/link.h"
#include "netsim/link_model.h"

namespace mayfly {

// Capacity in shares of the clip's own rate, so that a cell means the same for every clip.
struct ShareOfMediaRate {
  double share = 1;
  friend bool operator==(const ShareOfMediaRate&, const ShareOfMediaRate&) = default;
};
// Shares that change, over and over: each from its time on.
struct CapacitySchedule {
  std::vector<std::pair<Duration, double>> shares;  // ascending, the first at zero
  Duration period{};
  friend bool operator==(const CapacitySchedule&, const CapacitySchedule&) = default;
};
using CellCapacity = std::variant<DataRate, ShareOfMediaRate, CapacitySchedule>;

// Nothing passes for a while, again and again; where in its period the first one begins follows
// from the seed.
struct Blackouts {
  Duration length{};
  Duration every{};
  friend bool operator==(const Blackouts&, const Blackouts&) = default;
};

// A network and a deadline: one place in which all rows are compared.
struct Cell {
  std::string id;       // "Q3"
  std::string name;     // "heavy"
  std::string purpose;  // what it shows
  LossModel loss = BernoulliLoss{};
  Duration rtt{};
  CellCapacity capacity = DataRate::bits_per_second(10'000'000);
  Duration queue = 300ms;
  std::optional<Blackouts> blackouts = std::nullopt;
  // D: from a frame's decode time to its showing, the way through the network included.
  Duration playout_delay{};

  [[nodiscard]] Duration one_way() const { return rtt / 2; }
  friend bool operator==(const Cell&, const Cell&) = default;
};

[[nodiscard]] const std::vector<Cell>& quick_cells();
// "quick", or ids separated by commas. Fails with InvalidArgument and a sentence that names those
// there are.
[[nodiscard]] Result<std::vector<Cell>> parse_cells(std::string_view text);
// The network for people: "5% loss, RTT 100ms, 10Mbit/s, queue 300ms, D 400ms".
[[nodiscard]] std::string describe(const Cell& cell);

// The share of packets lost in the long run, blackouts aside.
[[nodiscard]] double mean_loss(const Cell& cell);
// Where the capacity does not change.
[[nodiscard]] std::optional<DataRate> constant_capacity(const Cell& cell, DataRate media_rate);

// The way of the media, for a clip of this rate and length. The way back only takes its time.
[[nodiscard]] LinkModel forward_model(const Cell& cell, DataRate media_rate, uint64_t seed,
                                      Duration length);
// The channel that all rows of this cell and seed meet, from its first moment.
[[nodiscard]] Link forward_link(const Cell& cell, DataRate media_rate, uint64_t seed,
                                Duration length, Timestamp start);

}  // namespace mayfly
