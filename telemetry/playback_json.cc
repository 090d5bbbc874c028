#include "telemetry/playback_json.h"

#include <nlohmann/json.hpp>

#include "telemetry/playback_fates.h"
#include "telemetry/transport_json.h"

namespace mayfly {
namespace {

using Json = nlohmann::ordered_json;

Json json_value(const ClassFates& fates) {
  Json json = {{"sent", fates.sent}};
  for (const FateColumn& each : kFateColumns) json[std::string(each.key)] = fates.*each.count;
  json["bytes"] = fates.bytes;
  return json;
}

Json json_value(const LatencySummary& latency) {
  const bool measured = latency.frames > 0;
  const auto value = [&](Duration each) { return measured ? Json(to_milliseconds(each)) : Json(); };
  return {{"frames", latency.frames},
          {"p50", value(latency.p50)},
          {"p95", value(latency.p95)},
          {"p99", value(latency.p99)},
          {"max", value(latency.max)}};
}

Json json_value(const FreezeSummary& freezes) {
  return {{"count", freezes.count},
          {"longest_ms", to_milliseconds(freezes.longest)},
          {"total_ms", to_milliseconds(freezes.total)}};
}

Json json_value(const TransportStreamFigures& figures) {
  return {{"packets", figures.packets},
          {"gaps", figures.gaps},
          {"damaged", figures.damaged},
          {"foreign_bytes", figures.foreign_bytes}};
}

}  // namespace

Json json_value(const PlaybackStats& stats) {
  Json json = {{"schema", 1},
               {"version", MAYFLY_VERSION},
               {"clip", stats.clip},
               {"url", stats.url},
               {"policy", stats.policy},
               {"transport", stats.transport},
               {"impairment", stats.impairment.empty() ? Json() : Json(stats.impairment)},
               {"playout_delay_ms", to_milliseconds(stats.playout_delay)},
               {"complete", stats.complete}};
  Json classes = Json::object();
  Json latencies = Json::object();
  for (const FrameClass each : kFrameClasses) {
    const std::string name(to_string(each));
    classes[name] = json_value(stats.of(each));
    latencies[name] = json_value(stats.latency_by_class[index_of(each)]);
  }
  json["classes"] = std::move(classes);
  json["q"] = stats.q();
  json["latency_ms"] = json_value(stats.latency);
  json["latency_by_class_ms"] = std::move(latencies);
  json["freezes"] = json_value(stats.freezes);
  json["startup_ms"] = stats.startup ? Json(to_milliseconds(*stats.startup)) : Json();
  json["played_ms"] = to_milliseconds(stats.played);
  json["bytes_received"] = stats.bytes_received;
  json["packets_received"] = stats.packets_received;
  json["round_trip_ms"] = to_milliseconds(stats.round_trip);
  add_transport(json, stats.association);
  if (stats.transport_stream) json["transport_stream"] = json_value(*stats.transport_stream);
  return json;
}

std::string to_json(const PlaybackStats& stats) {
  return json_value(stats).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mayfly
