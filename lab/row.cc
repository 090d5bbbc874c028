#include "lab/row.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.h"

namespace mayfly {
namespace {

constexpr const char* kRfc9260 = "RFC 9260 (usrsctp)";

// What usrsctp does when nobody sets anything.
TransportOptions stock_transport() {
  TransportOptions options;
  options.rto_initial = 1s;
  options.rto_min = 1s;
  options.rto_max = 60s;
  options.max_retransmissions = 10;
  options.path_max_retransmissions = 5;
  options.heartbeat_interval = 30s;
  options.demand_heartbeat_interval = 10min;  // longer than any clip: none
  options.sack_delay = 200ms;
  options.sack_frequency = 2;
  options.no_delay = false;
  options.max_burst = 4;
  // Everything goes to the stack at once, as it would without a queue of ours in front.
  options.stack_backlog_bytes = options.send_queue_bytes;
  options.socket_send_buffer_bytes = options.send_queue_bytes;
  return options;
}

// One ordered stream per class, whole frames, all of one priority: I reliable, P and B until the
// deadline.
DeliveryPolicy stock_policy(Duration lifetime) {
  DeliveryPolicy policy = prioritised();
  policy.name = "custom";
  for (Delivery& each : policy.classes) {
    each.ordered = true;
    each.priority = 1;
    each.message = MessageForm::Frame;
  }
  policy.for_class(FrameClass::P).lifetime = lifetime;
  policy.for_class(FrameClass::B).lifetime = lifetime;
  policy.for_class(FrameClass::Audio).lifetime = lifetime;
  return policy;
}

DeliveryPolicy whole_frames_reliable() {
  DeliveryPolicy policy = all_reliable();
  for (Delivery& each : policy.classes) each.message = MessageForm::Frame;
  return policy;
}

}  // namespace

const std::vector<Row>& known_rows() {
  static const std::vector<Row> rows = {
      {Row::Kind::Udp, "udp", "none",
       "RTP payloads of 1200 B, paced over the time of a picture, nothing sent again",
       std::nullopt},
      {Row::Kind::SctpReliable, "sctp-reliable", kRfc9260,
       "the stack as it comes; whole frames, one ordered reliable stream", 2},
      {Row::Kind::SctpPrioStock, "sctp-prio-stock", kRfc9260,
       "the stack as it comes; whole frames, ordered; I reliable, P and B live until the deadline",
       2},
      {Row::Kind::SctpPrio, "sctp-prio", kRfc9260,
       "mayfly's defaults: RTO 100 to 400 ms, SACK at once, initial window 10, burst 10; frames in "
       "pieces, unordered, by priority; I reliable, P until the deadline, B 100 ms",
       1},
      {Row::Kind::SctpEngine, "sctp-engine", "CUBIC (RFC 9438)",
       "mayfly's own SCTP, else as sctp-prio: losses found by time, tail probes, lifetimes checked "
       "before each transmission",
       std::nullopt},
  };
  return rows;
}

Result<std::vector<Row>> parse_rows(std::string_view text) {
  if (text == "all") return known_rows();
  std::vector<Row> rows;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view name = text.substr(at, comma - at);
    const auto found = std::find_if(known_rows().begin(), known_rows().end(),
                                    [name](const Row& each) { return each.name == name; });
    if (found == known_rows().end()) {
      std::vector<std::string> names;
      for (const Row& each : known_rows()) names.push_back(each.name);
      return failure(ErrorCode::InvalidArgument,
                     fmt::format("there is no row \"{}\"; there are {}, and all for all of them",
                                 name, fmt::join(names, ", ")));
    }
    const bool is_new = std::none_of(rows.begin(), rows.end(),
                                     [&](const Row& each) { return each.name == found->name; });
    if (is_new) rows.push_back(*found);
    at = comma + 1;
  }
  return rows;
}

SctpSettings sctp_settings_of(const Row& row, const Cell& cell) {
  const FrameSenderOptions passes_everything{.flush_stale_gops = false, .drop_undecodable = false};
  switch (row.kind) {
    case Row::Kind::SctpReliable:
      return {SctpStack::Usrsctp, UsrsctpTuning::Stock, stock_transport(), whole_frames_reliable(),
              passes_everything};
    case Row::Kind::SctpPrioStock:
      return {SctpStack::Usrsctp, UsrsctpTuning::Stock, stock_transport(),
              stock_policy(cell.playout_delay), passes_everything};
    case Row::Kind::SctpPrio:
      return {SctpStack::Usrsctp, UsrsctpTuning::Media, {}, prioritised(), {}};
    case Row::Kind::SctpEngine:
      return {SctpStack::Engine, UsrsctpTuning::Media, {}, prioritised(), {}};
    case Row::Kind::Udp: break;
  }
  MAYFLY_CHECK(row.kind != Row::Kind::Udp);
  return {};
}

}  // namespace mayfly
