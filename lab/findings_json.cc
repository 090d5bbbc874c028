#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lab/findings_table.h"

namespace mayfly {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Interval& interval) {
  return {{"mean", interval.mean}, {"lo", interval.lo}, {"hi", interval.hi}};
}

template <class Value, class Convert>
Json optional_json(const std::optional<Value>& value, Convert convert) {
  return value ? Json(convert(*value)) : Json(nullptr);
}

Json json_of(const ClassVerdict& fates, const Interval& q) {
  return {{"frames", fates.frames},
          {"shown", fates.shown},
          {"undecodable", fates.undecodable},
          {"late", fates.late},
          {"abandoned_unsent", fates.abandoned_unsent},
          {"abandoned_sent", fates.abandoned_sent},
          {"lost", fates.lost},
          {"q", json_of(q)}};
}

Json latency_json(const RowFindings& row) {
  Json cdf = Json::array();
  uint64_t sum = 0;
  for (const auto& [milliseconds, frames] : row.latency.counts()) {
    sum += frames;
    cdf.push_back({milliseconds, sum});
  }
  return {{"frames", row.latency.frames()},      {"p50", row.latency.percentile(0.5)},
          {"p95", row.latency.percentile(0.95)}, {"p99", row.latency.percentile(0.99)},
          {"max", row.latency.most()},           {"miss_ratio", row.miss_ratio},
          {"cumulative", std::move(cdf)}};
}

Json json_of(const RowFindings& row) {
  Json classes = Json::object();
  for (const FrameClass each : kFrameClasses) {
    const size_t i = index_of(each);
    if (row.classes[i].frames == 0) continue;
    classes[std::string(to_string(each))] = json_of(row.classes[i], row.q_by_class[i]);
  }
  return {{"name", row.row.name},
          {"congestion_control", row.row.congestion_control},
          {"settings", row.row.settings},
          {"runs", row.runs},
          {"q", json_of(row.q)},
          {"q_less_sctp_prio",
           optional_json(row.q_less_reference, [](const Interval& each) { return json_of(each); })},
          {"eta", optional_json(row.eta, [](double value) { return value; })},
          {"classes", std::move(classes)},
          {"latency_ms", latency_json(row)},
          {"viewer",
           {{"longest_freeze_ms", json_of(row.longest_freeze_ms)},
            {"longest_freeze_of_all_ms", row.most_frozen_ms},
            {"freezes_per_minute", json_of(row.freezes_per_minute)},
            {"freeze_ratio", json_of(row.freeze_ratio)},
            {"harmonic_fps", json_of(row.harmonic_fps)}}},
          {"overhead_ratio", row.overhead_ratio},
          {"useful_share", row.useful_share},
          {"waste_share", row.waste_share},
          {"bytes_wire", row.wire_bytes},
          {"chunks_retransmitted", row.chunks_retransmitted},
          {"queue_delay_p95_ms", row.queue_delay_p95_ms},
          {"ceiling_bits_per_second",
           optional_json(row.ceiling, [](DataRate rate) { return rate.bits_per_second(); })},
          {"ended_early", row.ended_early},
          {"why_ended", row.why_ended},
          {"engine", to_string(row.row.engine)},
          {"why_not_run", row.row.obstacle},
          {"q_less_virtual",
           optional_json(row.q_less_virtual, [](const Interval& each) { return json_of(each); })},
          {"most_behind_ms", row.most_behind_ms}};
}

Json json_of(const CellFindings& cell, DataRate media_rate) {
  Json rows = Json::array();
  for (const RowFindings& each : cell.rows) rows.push_back(json_of(each));
  const auto capacity = constant_capacity(cell.cell, media_rate);
  return {{"id", cell.cell.id},
          {"name", cell.cell.name},
          {"purpose", cell.cell.purpose},
          {"network",
           {{"text", describe(cell.cell)},
            {"mean_loss", mean_loss(cell.cell)},
            {"rtt_ms", to_milliseconds(cell.cell.rtt)},
            {"capacity_bits_per_second",
             optional_json(capacity, [](DataRate rate) { return rate.bits_per_second(); })},
            {"queue_ms", to_milliseconds(cell.cell.queue)}}},
          {"deadline_ms", to_milliseconds(cell.cell.playout_delay)},
          {"attempts", cell.attempts},
          {"largest_i_packets", cell.packets_of_largest_i},
          {"largest_i_takes_ms", optional_json(cell.largest_i_takes, to_milliseconds)},
          {"impossible", cell.is_impossible()},
          {"warnings", cell.warnings},
          {"bounds",
           {{"runs", cell.bounds.runs},
            {"floor", json_of(cell.bounds.floor)},
            {"ideal_arq", json_of(cell.bounds.ideal_arq)},
            {"fec_20", json_of(cell.bounds.fec_20)},
            {"oracle", json_of(cell.bounds.oracle)}}},
          {"rows", std::move(rows)}};
}

}  // namespace

std::string findings_json(const Findings& findings) {
  Json cells = Json::array();
  for (const CellFindings& each : findings.cells) {
    cells.push_back(json_of(each, findings.media_rate));
  }
  Json by_class = Json::object();
  for (const FrameClass each : kFrameClasses) {
    const size_t i = index_of(each);
    if (findings.frames_by_class[i] == 0) continue;
    by_class[std::string(to_string(each))] = {{"frames", findings.frames_by_class[i]},
                                              {"largest_bytes", findings.largest_by_class[i]}};
  }
  const Json json = {{"schema", "mayfly-compare/1"},
                     {"command", findings.command},
                     {"version", MAYFLY_VERSION},
                     {"engine", engines_text(findings)},
                     {"clip",
                      {{"name", findings.clip},
                       {"digest", fmt::format("{:016x}", findings.clip_digest)},
                       {"frames", findings.frames},
                       {"seconds", to_seconds(findings.length)},
                       {"bits_per_second", findings.media_rate.bits_per_second()},
                       {"classes", std::move(by_class)}}},
                     {"seeds", findings.seeds},
                     {"real_seeds", findings.real_seeds},
                     {"cells", std::move(cells)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mayfly
