#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "telemetry/playback_fates.h"
#include "telemetry/playback_json.h"
#include "telemetry/transport_json.h"

namespace mayfly {
namespace {

using Json = nlohmann::json;

// Beyond it (some 285 years) a time in microseconds is no time of a playout.
constexpr double kLongest = 9e15;

Duration duration_at(const Json& json, const char* key) {
  const Json& value = json.at(key);
  if (value.is_null()) return {};
  const double microseconds = value.get<double>() * 1e3;
  if (!(std::abs(microseconds) < kLongest)) throw Json::out_of_range::create(406, key, &json);
  return Duration(std::llround(microseconds));
}

std::string text_at(const Json& json, const char* key) {
  const Json& value = json.at(key);
  return value.is_null() ? std::string() : value.get<std::string>();
}

ClassFates fates_from(const Json& json) {
  ClassFates fates;
  fates.sent = json.at("sent").get<uint64_t>();
  for (const FateColumn& each : kFateColumns) {
    fates.*each.count = json.at(std::string(each.key)).get<uint64_t>();
  }
  fates.bytes = json.at("bytes").get<uint64_t>();
  return fates;
}

LatencySummary latency_from(const Json& json) {
  return {json.at("frames").get<uint64_t>(), duration_at(json, "p50"), duration_at(json, "p95"),
          duration_at(json, "p99"), duration_at(json, "max")};
}

// Throws what nlohmann does.
PlaybackStats stats_from(const Json& json) {
  PlaybackStats stats;
  stats.clip = text_at(json, "clip");
  stats.url = text_at(json, "url");
  stats.policy = text_at(json, "policy");
  stats.transport = text_at(json, "transport");
  stats.impairment = text_at(json, "impairment");
  stats.playout_delay = duration_at(json, "playout_delay_ms");
  stats.complete = json.at("complete").get<bool>();
  for (const FrameClass each : kFrameClasses) {
    const std::string name(to_string(each));
    stats.of(each) = fates_from(json.at("classes").at(name));
    stats.latency_by_class[index_of(each)] = latency_from(json.at("latency_by_class_ms").at(name));
  }
  stats.latency = latency_from(json.at("latency_ms"));
  const Json& freezes = json.at("freezes");
  stats.freezes = {freezes.at("count").get<uint64_t>(), duration_at(freezes, "longest_ms"),
                   duration_at(freezes, "total_ms")};
  if (!json.at("startup_ms").is_null()) stats.startup = duration_at(json, "startup_ms");
  stats.played = duration_at(json, "played_ms");
  stats.bytes_received = json.at("bytes_received").get<uint64_t>();
  stats.packets_received = json.at("packets_received").get<uint64_t>();
  stats.round_trip = duration_at(json, "round_trip_ms");
  stats.association = transport_from(json);
  if (json.contains("transport_stream")) {
    const Json& figures = json.at("transport_stream");
    stats.transport_stream = {
        figures.at("packets").get<uint64_t>(), figures.at("gaps").get<uint64_t>(),
        figures.at("damaged").get<uint64_t>(), figures.at("foreign_bytes").get<uint64_t>()};
  }
  return stats;
}

}  // namespace

Result<PlaybackStats> playback_stats_from_json(std::string_view document) {
  try {
    PlaybackStats stats = stats_from(Json::parse(document));
    for (const FrameClass each : kFrameClasses) {
      if (adds_up(stats.of(each))) continue;
      return failure(
          ErrorCode::Malformed,
          fmt::format("the states of class {} do not sum to what was sent", to_string(each)));
    }
    return stats;
  } catch (const Json::exception& error) {
    return failure(ErrorCode::Malformed,
                   fmt::format("these are not the statistics of a player ({})", error.what()));
  }
}

}  // namespace mayfly
