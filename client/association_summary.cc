#include "client/association_summary.h"

#include <string>

namespace mayfly {
namespace {

std::string name_of(StreamId stream, const std::optional<wire::Playing>& playing) {
  if (stream == StreamId(0)) return "control";
  std::string name;
  if (playing) {
    for (const wire::ClassDelivery& each : playing->delivery) {
      if (each.stream != stream) continue;
      name += (name.empty() ? "" : "+") + std::string(to_string(each.frame_class));
    }
  }
  return name.empty() ? "-" : name;
}

}  // namespace

TransportSummary summary_of(const AssociationStats& stats,
                            const std::optional<wire::Playing>& playing) {
  TransportSummary summary;
  for (const auto& [stream, each] : stats.streams) {
    summary.streams.push_back({.stream = stream.value(),
                               .carries = name_of(stream, playing),
                               .messages_sent = each.messages_sent,
                               .bytes_sent = each.bytes_sent,
                               .messages_received = each.messages_received,
                               .bytes_received = each.bytes_received,
                               .abandoned_unsent = each.abandoned_unsent,
                               .abandoned_sent = each.abandoned_sent});
  }
  for (const PathStats& each : stats.paths) {
    summary.paths.push_back({.address = each.address,
                             .active = each.active,
                             .primary = each.primary,
                             .smoothed_rtt = each.smoothed_rtt,
                             .retransmission_timeout = each.retransmission_timeout,
                             .congestion_window_bytes = each.congestion_window_bytes,
                             .mtu_bytes = each.mtu_bytes});
  }
  for (const TransportEventKind each : transport_event_kinds()) {
    if (stats.events.of(each) > 0)
      summary.events[std::string(to_string(each))] = stats.events.of(each);
  }
  summary.packets_sent = stats.packets_sent;
  summary.chunks_retransmitted = stats.chunks_retransmitted;
  return summary;
}

}  // namespace mayfly
