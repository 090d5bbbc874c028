#include "lab/cell.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/quantity.h"
#include "netsim/keyed_random.h"

namespace mayfly {
namespace {

constexpr uint64_t kChannelPurpose = 1;
constexpr uint64_t kBlackoutPurpose = 2;
constexpr size_t kOpportunityBytes = 1500;  // of a capacity trace

std::vector<Cell> make_quick_cells() {
  const auto lossy = [](double share) { return BernoulliLoss{share}; };
  // RFC 8867 5.1 in units of the clip's rate, four times as fast.
  const CapacitySchedule variable{{{0s, 1.0}, {10s, 2.5}, {15s, 0.6}, {20s, 1.0}}, 25s};
  return {
      {.id = "Q0",
       .name = "clean",
       .purpose = "all rows must show everything",
       .rtt = 40ms,
       .playout_delay = 200ms},
      {.id = "Q1",
       .name = "light",
       .purpose = "little loss, four and a half rounds",
       .loss = lossy(0.01),
       .rtt = 40ms,
       .playout_delay = 200ms},
      {.id = "Q2",
       .name = "long",
       .purpose = "bound by loss-based congestion control",
       .loss = lossy(0.02),
       .rtt = 100ms,
       .playout_delay = 400ms},
      {.id = "Q3",
       .name = "heavy",
       .purpose = "much loss, three and a half rounds",
       .loss = lossy(0.05),
       .rtt = 100ms,
       .playout_delay = 400ms},
      {.id = "Q4",
       .name = "burst",
       .purpose = "fades longer than a few packets",
       .loss = FadingLoss{0.02, 20ms},
       .rtt = 60ms,
       .playout_delay = 300ms},
      {.id = "Q5",
       .name = "overload",
       .purpose = "what to send when not all fits",
       .rtt = 50ms,
       .capacity = ShareOfMediaRate{0.75},
       .playout_delay = 1000ms},
      {.id = "Q6",
       .name = "variable",
       .purpose = "capacity comes and goes",
       .loss = lossy(0.005),
       .rtt = 50ms,
       .capacity = variable,
       .playout_delay = 1000ms},
      {.id = "Q7",
       .name = "outage",
       .purpose = "a satellite's handovers",
       .loss = lossy(0.005),
       .rtt = 50ms,
       .blackouts = Blackouts{400ms, 15s},
       .playout_delay = 600ms},
  };
}

uint64_t channel_seed(const Cell& cell, uint64_t seed, uint64_t purpose) {
  uint64_t name = 0xcbf29ce484222325ULL;
  for (const char letter : cell.id) {
    name = (name ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  }
  return derived_seed(derived_seed(seed, purpose), name);
}

double share_at(const CapacitySchedule& schedule, Duration time) {
  double share = schedule.shares.front().second;
  for (const auto& [from, value] : schedule.shares) {
    if (from <= time) share = value;
  }
  return share;
}

// One turn of the schedule, an opportunity at each moment when 1500 bytes have come together.
CapacityTrace trace_of(const CapacitySchedule& schedule, DataRate media_rate) {
  CapacityTrace trace;
  const double bytes_per_us = static_cast<double>(media_rate.bits_per_second()) / 8e6;
  double gathered = 0;
  for (Duration now = 1ms; now <= schedule.period; now += 1ms) {
    gathered += 1000 * bytes_per_us * share_at(schedule, now - 1ms);
    for (; gathered >= kOpportunityBytes; gathered -= kOpportunityBytes) {
      trace.opportunities.push_back(now);
    }
  }
  // The trace turns where its last opportunity is.
  if (trace.opportunities.empty() || trace.opportunities.back() < schedule.period) {
    trace.opportunities.push_back(schedule.period);
  }
  return trace;
}

std::string loss_text(const LossModel& loss) {
  if (const auto* each = std::get_if<BernoulliLoss>(&loss)) {
    return each->probability == 0 ? "no loss" : percentage_text(each->probability) + " loss";
  }
  if (const auto* fading = std::get_if<FadingLoss>(&loss)) {
    return fmt::format("{} loss in fades of {}", percentage_text(fading->mean),
                       to_text(fading->burst));
  }
  if (const auto* bursts = std::get_if<GilbertElliottLoss>(&loss)) {
    return fmt::format("{} loss in bursts of {:g}", percentage_text(bursts->mean),
                       bursts->burst_packets);
  }
  return "a pattern of losses";
}

std::string capacity_text(const CellCapacity& capacity) {
  if (const auto* rate = std::get_if<DataRate>(&capacity)) return to_text(*rate);
  if (const auto* share = std::get_if<ShareOfMediaRate>(&capacity)) {
    return fmt::format("{:g} R", share->share);
  }
  std::string text;
  for (const auto& [from, share] : std::get<CapacitySchedule>(capacity).shares) {
    text += fmt::format("{}{:g}", text.empty() ? "" : "/", share);
  }
  return text + " R";
}

}  // namespace

const std::vector<Cell>& quick_cells() {
  static const std::vector<Cell> cells = make_quick_cells();
  return cells;
}

Result<std::vector<Cell>> parse_cells(std::string_view text) {
  if (text == "quick") return quick_cells();
  std::vector<Cell> cells;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view id = text.substr(at, comma - at);
    const auto found = std::find_if(quick_cells().begin(), quick_cells().end(),
                                    [id](const Cell& each) { return each.id == id; });
    if (found == quick_cells().end()) {
      std::vector<std::string> ids;
      for (const Cell& each : quick_cells()) ids.push_back(each.id);
      return failure(ErrorCode::InvalidArgument,
                     fmt::format("there is no cell \"{}\"; there are {}, and quick for all of them",
                                 id, fmt::join(ids, ", ")));
    }
    const bool is_new = std::none_of(cells.begin(), cells.end(),
                                     [&](const Cell& each) { return each.id == found->id; });
    if (is_new) cells.push_back(*found);
    at = comma + 1;
  }
  return cells;
}

std::string describe(const Cell& cell) {
  std::string text =
      fmt::format("{}, RTT {}, {}, queue {}", loss_text(cell.loss), to_text(cell.rtt),
                  capacity_text(cell.capacity), to_text(cell.queue));
  if (cell.blackouts) {
    text += fmt::format(", {} dark every {}", to_text(cell.blackouts->length),
                        to_text(cell.blackouts->every));
  }
  return text + ", D " + to_text(cell.playout_delay);
}

double mean_loss(const Cell& cell) {
  struct Mean {
    double operator()(const BernoulliLoss& loss) const { return loss.probability; }
    double operator()(const GilbertElliottLoss& loss) const { return loss.mean; }
    double operator()(const FadingLoss& loss) const { return loss.mean; }
    double operator()(const PatternLoss& loss) const {
      if (loss.lost.empty()) return 0;
      const auto lost = std::count(loss.lost.begin(), loss.lost.end(), true);
      return static_cast<double>(lost) / static_cast<double>(loss.lost.size());
    }
  };
  return std::visit(Mean{}, cell.loss);
}

std::optional<DataRate> constant_capacity(const Cell& cell, DataRate media_rate) {
  if (const auto* rate = std::get_if<DataRate>(&cell.capacity)) return *rate;
  if (const auto* share = std::get_if<ShareOfMediaRate>(&cell.capacity)) {
    const double bits = share->share * static_cast<double>(media_rate.bits_per_second());
    return DataRate::bits_per_second(static_cast<int64_t>(bits));
  }
  return std::nullopt;
}

LinkModel forward_model(const Cell& cell, DataRate media_rate, uint64_t seed, Duration length) {
  LinkModel model;
  model.loss = cell.loss;
  model.delay = cell.one_way();
  model.queue = cell.queue;
  if (const auto rate = constant_capacity(cell, media_rate)) {
    model.capacity = *rate;
  } else {
    model.capacity = trace_of(std::get<CapacitySchedule>(cell.capacity), media_rate);
  }
  if (cell.blackouts) {
    Random random(channel_seed(cell, seed, kBlackoutPurpose));
    const double phase = random.uniform() * static_cast<double>(cell.blackouts->every.count());
    for (Duration at(static_cast<int64_t>(phase)); at < length; at += cell.blackouts->every) {
      model.outages.emplace_back(at, cell.blackouts->length);
    }
  }
  return model;
}

Link forward_link(const Cell& cell, DataRate media_rate, uint64_t seed, Duration length,
                  Timestamp start) {
  return {forward_model(cell, media_rate, seed, length), channel_seed(cell, seed, kChannelPurpose),
          start};
}

}  // namespace mayfly
