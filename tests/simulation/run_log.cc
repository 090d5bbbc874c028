#include "tests/simulation/run_log.h"

#include <fmt/format.h>

#include <utility>

namespace mayfly {
namespace {

double seconds(Timestamp when) { return to_seconds(when.time_since_epoch()); }

}  // namespace

void RunLog::note(Timestamp when, std::string what) {
  events_.push_back({when, std::move(what)});
  if (events_.size() > kMostEvents) events_.pop_front();
}

void RunLog::note(const SimulatedNetwork::Fate& packet) {
  digest_.add(packet.sent);
  digest_.add(packet.arrives.value_or(Timestamp{}));
  digest_.add(packet.packet);
  packets_.push_back({packet.sent, packet.from, packet.to, packet.packet.size(), packet.arrives});
  if (packets_.size() > kMostPackets) packets_.pop_front();
}

std::string RunLog::tail() const {
  std::string text = "  the last events:\n";
  for (const Event& each : events_) {
    text += fmt::format("    {:10.6f} {}\n", seconds(each.when), each.what);
  }
  text += "  the last packets:\n";
  for (const Packet& each : packets_) {
    text += fmt::format(
        "    {:10.6f} {} > {} {} bytes, {}\n", seconds(each.sent), to_string(each.from),
        to_string(each.to), each.bytes,
        each.arrives ? fmt::format("arrives {:.6f}", seconds(*each.arrives)) : std::string("lost"));
  }
  return text;
}

}  // namespace mayfly
