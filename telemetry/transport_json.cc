#include "telemetry/transport_json.h"

#include <cmath>

namespace mayfly {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

// Beyond it a time is none that a path ever had: a day.
constexpr double kLongestMilliseconds = 86'400'000;

OrderedJson json_value(const StreamSummary& stream) {
  return {{"stream", stream.stream},
          {"carries", stream.carries},
          {"messages_sent", stream.messages_sent},
          {"bytes_sent", stream.bytes_sent},
          {"messages_received", stream.messages_received},
          {"bytes_received", stream.bytes_received},
          {"abandoned_unsent", stream.abandoned_unsent},
          {"abandoned_sent", stream.abandoned_sent}};
}

OrderedJson json_value(const PathSummary& path) {
  return {{"address", path.address},
          {"active", path.active},
          {"primary", path.primary},
          {"rtt_ms", to_milliseconds(path.smoothed_rtt)},
          {"rto_ms", to_milliseconds(path.retransmission_timeout)},
          {"cwnd_bytes", path.congestion_window_bytes},
          {"mtu_bytes", path.mtu_bytes}};
}

Duration duration_at(const Json& json, const char* key) {
  const auto milliseconds = json.at(key).get<double>();
  if (!(std::abs(milliseconds) <= kLongestMilliseconds)) {
    throw Json::out_of_range::create(406, key, &json);
  }
  return Duration(std::llround(milliseconds * 1e3));
}

StreamSummary stream_from(const Json& json) {
  return {.stream = json.at("stream").get<uint16_t>(),
          .carries = json.at("carries").get<std::string>(),
          .messages_sent = json.at("messages_sent").get<uint64_t>(),
          .bytes_sent = json.at("bytes_sent").get<uint64_t>(),
          .messages_received = json.at("messages_received").get<uint64_t>(),
          .bytes_received = json.at("bytes_received").get<uint64_t>(),
          .abandoned_unsent = json.at("abandoned_unsent").get<uint64_t>(),
          .abandoned_sent = json.at("abandoned_sent").get<uint64_t>()};
}

PathSummary path_from(const Json& json) {
  return {.address = json.at("address").get<std::string>(),
          .active = json.at("active").get<bool>(),
          .primary = json.at("primary").get<bool>(),
          .smoothed_rtt = duration_at(json, "rtt_ms"),
          .retransmission_timeout = duration_at(json, "rto_ms"),
          .congestion_window_bytes = json.at("cwnd_bytes").get<uint64_t>(),
          .mtu_bytes = json.at("mtu_bytes").get<uint64_t>()};
}

}  // namespace

void add_transport(OrderedJson& json, const TransportSummary& transport) {
  OrderedJson streams = OrderedJson::array();
  for (const StreamSummary& each : transport.streams) streams.push_back(json_value(each));
  OrderedJson paths = OrderedJson::array();
  for (const PathSummary& each : transport.paths) paths.push_back(json_value(each));
  OrderedJson events = OrderedJson::object();
  for (const auto& [name, count] : transport.events) events[name] = count;
  json["packets_sent"] = transport.packets_sent;
  json["chunks_retransmitted"] = transport.chunks_retransmitted;
  json["streams"] = std::move(streams);
  json["paths"] = std::move(paths);
  json["events"] = std::move(events);
}

TransportSummary transport_from(const Json& json) {
  TransportSummary transport;
  if (!json.contains("streams")) return transport;
  for (const Json& each : json.at("streams")) transport.streams.push_back(stream_from(each));
  for (const Json& each : json.at("paths")) transport.paths.push_back(path_from(each));
  for (const auto& [name, count] : json.at("events").items()) {
    transport.events[name] = count.get<uint64_t>();
  }
  transport.packets_sent = json.at("packets_sent").get<uint64_t>();
  transport.chunks_retransmitted = json.at("chunks_retransmitted").get<uint64_t>();
  return transport;
}

}  // namespace mayfly
