#include "netsim/link_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/quantity.h"

namespace mayfly {
namespace {

struct Setting {
  std::string key;
  std::string value;
  friend bool operator==(const Setting&, const Setting&) = default;
};
using Settings = std::vector<Setting>;

bool contains(const Settings& settings, const Setting& wanted) {
  return std::find(settings.begin(), settings.end(), wanted) != settings.end();
}

void print(const BernoulliLoss& loss, Settings& settings) {
  if (loss.probability != 0) settings.push_back({"loss", percentage_text(loss.probability)});
}

void print(const GilbertElliottLoss& loss, Settings& settings) {
  settings.push_back({"loss", percentage_text(loss.mean)});
  settings.push_back({"burst", fmt::format("{}", loss.burst_packets)});
  if (loss.loss_in_bad != 1) {
    settings.push_back({"loss_in_bad", percentage_text(loss.loss_in_bad)});
  }
  if (loss.loss_in_good != 0) {
    settings.push_back({"loss_in_good", percentage_text(loss.loss_in_good)});
  }
}

void print(const FadingLoss& loss, Settings& settings) {
  settings.push_back({"loss", percentage_text(loss.mean)});
  settings.push_back({"burst", to_text(loss.burst)});
}

void print(const PatternLoss& loss, Settings& settings) {
  std::string pattern;
  for (const bool lost : loss.lost) pattern += lost ? '1' : '0';
  settings.push_back({"pattern", pattern});
}

std::string trace_text(const CapacityTrace& trace) {
  if (!trace.file.empty()) return trace.file;
  std::string text;
  for (const Duration time : trace.opportunities) text += (text.empty() ? "" : "+") + to_text(time);
  return text;
}

// What differs from a perfect link.
Settings settings_of(const LinkModel& link) {
  const LinkModel perfect;
  Settings settings;
  std::visit([&](const auto& loss) { print(loss, settings); }, link.loss);
  if (link.delay != perfect.delay) settings.push_back({"delay", to_text(link.delay)});
  if (link.jitter != perfect.jitter) settings.push_back({"jitter", to_text(link.jitter)});
  if (link.reorder) settings.push_back({"reorder", "on"});
  if (const auto* rate = std::get_if<DataRate>(&link.capacity)) {
    settings.push_back({"rate", to_text(*rate)});
  }
  if (const auto* trace = std::get_if<CapacityTrace>(&link.capacity)) {
    settings.push_back({"trace", trace_text(*trace)});
  }
  if (link.queue != perfect.queue) settings.push_back({"queue", to_text(link.queue)});
  if (link.duplicate != 0) settings.push_back({"duplicate", percentage_text(link.duplicate)});
  std::string outages;
  for (const auto& [from, length] : link.outages) {
    outages += fmt::format("{}{}+{}", outages.empty() ? "" : "/", to_text(from), to_text(length));
  }
  if (!outages.empty()) settings.push_back({"outage", outages});
  return settings;
}

}  // namespace

std::string to_text(const PathModel& model) {
  const Settings up = settings_of(model.up);
  const Settings down = settings_of(model.down);
  std::string text;
  for (const Setting& each : up) {
    text += fmt::format("{}{}={},", contains(down, each) ? "" : "up.", each.key, each.value);
  }
  for (const Setting& each : down) {
    if (!contains(up, each)) text += fmt::format("down.{}={},", each.key, each.value);
  }
  return text + fmt::format("seed={}", model.seed);
}

}  // namespace mayfly
