#include <nlohmann/json.hpp>

#include "lab/experiment.h"

namespace mayfly {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kClassFields = {
    std::pair{"frames", &ClassVerdict::frames},
    std::pair{"shown", &ClassVerdict::shown},
    std::pair{"undecodable", &ClassVerdict::undecodable},
    std::pair{"late", &ClassVerdict::late},
    std::pair{"abandoned_unsent", &ClassVerdict::abandoned_unsent},
    std::pair{"abandoned_sent", &ClassVerdict::abandoned_sent},
    std::pair{"lost", &ClassVerdict::lost},
};
constexpr std::array kCountFields = {
    std::pair{"delivered_bytes", &Verdict::delivered_bytes},
    std::pair{"shown_bytes", &Verdict::shown_bytes},
    std::pair{"wire_bytes", &Verdict::wire_bytes},
    std::pair{"wire_packets", &Verdict::wire_packets},
    std::pair{"chunks_retransmitted", &Verdict::chunks_retransmitted},
};

Json json_of(const Verdict& verdict) {
  Json classes = Json::object();
  for (const FrameClass each : kFrameClasses) {
    Json fates = Json::object();
    for (const auto& [name, field] : kClassFields) fates[name] = verdict.of(each).*field;
    classes[std::string(to_string(each))] = std::move(fates);
  }
  Json latency = Json::array();
  for (const auto& [milliseconds, frames] : verdict.latency.counts()) {
    latency.push_back({milliseconds, frames});
  }
  Json json = {{"classes", std::move(classes)}, {"latency_ms", std::move(latency)}};
  for (const auto& [name, field] : kCountFields) json[name] = verdict.*field;
  json["queue_delay_p95_us"] = verdict.queue_delay_p95.count();
  json["viewer"] = {{"longest_freeze_us", verdict.viewer.longest_freeze.count()},
                    {"freezes", verdict.viewer.freezes},
                    {"frozen_us", verdict.viewer.frozen.count()},
                    {"freeze_ratio", verdict.viewer.freeze_ratio},
                    {"harmonic_fps", verdict.viewer.harmonic_fps}};
  json["most_behind_us"] = verdict.most_behind.count();
  json["ended"] = verdict.ended;
  return json;
}

Verdict verdict_of(const Json& json) {
  Verdict verdict;
  for (const FrameClass each : kFrameClasses) {
    const Json& fates = json.at("classes").at(std::string(to_string(each)));
    for (const auto& [name, field] : kClassFields) {
      fates.at(name).get_to(verdict.classes[index_of(each)].*field);
    }
  }
  for (const Json& each : json.at("latency_ms")) {
    verdict.latency.add(each.at(0).get<uint64_t>(), each.at(1).get<uint64_t>());
  }
  for (const auto& [name, field] : kCountFields) json.at(name).get_to(verdict.*field);
  verdict.queue_delay_p95 = Duration(json.at("queue_delay_p95_us").get<int64_t>());
  const Json& viewer = json.at("viewer");
  verdict.viewer = {.longest_freeze = Duration(viewer.at("longest_freeze_us").get<int64_t>()),
                    .freezes = viewer.at("freezes").get<uint64_t>(),
                    .frozen = Duration(viewer.at("frozen_us").get<int64_t>()),
                    .freeze_ratio = viewer.at("freeze_ratio").get<double>(),
                    .harmonic_fps = viewer.at("harmonic_fps").get<double>()};
  verdict.most_behind = Duration(json.value("most_behind_us", int64_t{0}));
  json.at("ended").get_to(verdict.ended);
  return verdict;
}

Json json_of(const Bounds& bounds) {
  return {{"floor", bounds.floor},
          {"ideal_arq", bounds.ideal_arq},
          {"fec_20", bounds.fec_20},
          {"oracle", bounds.oracle}};
}

Bounds bounds_of_json(const Json& json) {
  return {.floor = json.at("floor").get<double>(),
          .ideal_arq = json.at("ideal_arq").get<double>(),
          .fec_20 = json.at("fec_20").get<double>(),
          .oracle = json.at("oracle").get<double>()};
}

}  // namespace

std::string to_line(const RunRecord& record) {
  Json json = {
      {"cell", record.cell},         {"network", record.network},          {"row", record.row},
      {"settings", record.settings}, {"engine", to_string(record.engine)}, {"seed", record.seed}};
  json["outcome"] =
      std::visit([](const auto& outcome) { return json_of(outcome); }, record.outcome);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<RunRecord> parse_record(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    RunRecord record;
    json.at("cell").get_to(record.cell);
    json.at("network").get_to(record.network);
    json.at("row").get_to(record.row);
    json.at("settings").get_to(record.settings);
    record.engine = json.value("engine", "virtual") == "real" ? Engine::Real : Engine::Virtual;
    json.at("seed").get_to(record.seed);
    if (record.row == kBoundsRow) {
      record.outcome = bounds_of_json(json.at("outcome"));
    } else {
      record.outcome = verdict_of(json.at("outcome"));
    }
    return record;
  } catch (const nlohmann::json::exception& error) {
    return failure(ErrorCode::Malformed, error.what());
  }
}

}  // namespace mayfly
