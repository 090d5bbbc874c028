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

constexpr const char* kTcpSettings =
    "the kernel's TCP, TCP_NODELAY, TCP_NOTSENT_LOWAT 16 kB; frames behind their length, handed "
    "over "
    "when due";

// In the order of the tables; those of the virtual engine are the ones that need no kernel.
std::vector<Row> rows_of(Engine engine) {
  std::vector<Row> rows = {
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
  if (engine == Engine::Virtual) return rows;
  const Row cubic{Row::Kind::TcpCubic, "tcp-cubic", "CUBIC (Linux)", kTcpSettings, std::nullopt};
  const Row bbr{Row::Kind::TcpBbr, "tcp-bbr", "BBR (Linux)", kTcpSettings, std::nullopt};
  rows.insert(rows.begin(), {cubic, bbr});
  rows.push_back({Row::Kind::Srt, "srt", "none (SRT's live mode)",
                  "libsrt as it comes, latency D - d less 10 ms for its handing over; RTP payloads "
                  "of 1200 B, handed over when their frame is due",
                  std::nullopt});
  rows.push_back({Row::Kind::SctpKernel, "sctp-kernel", "RFC 9260 (Linux)",
                  "the kernel's SCTP over IP, else as sctp-prio", 1});
  for (Row& each : rows) each.engine = Engine::Real;
  return rows;
}

const Row* row_named(std::string_view name, Engine engine) {
  const std::vector<Row>& rows = known_rows(engine);
  const auto found =
      std::find_if(rows.begin(), rows.end(), [name](const Row& each) { return each.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

Error unknown_row(std::string_view name, const std::vector<Engine>& engines) {
  // The real engine knows all of them.
  if (row_named(name, Engine::Real) != nullptr) {
    return {ErrorCode::InvalidArgument,
            fmt::format("{} does not run on virtual time; it takes --engine real or both", name)};
  }
  std::vector<std::string> names;
  for (const Row& each : known_rows(engines.back())) names.push_back(each.name);
  return {ErrorCode::InvalidArgument,
          fmt::format("there is no row \"{}\"; there are {}, and all for all of them", name,
                      fmt::join(names, ", "))};
}

}  // namespace

const char* to_string(Engine engine) { return engine == Engine::Virtual ? "virtual" : "real"; }

const std::vector<Row>& known_rows(Engine engine) {
  static const std::vector<Row> on_virtual_time = rows_of(Engine::Virtual);
  static const std::vector<Row> real = rows_of(Engine::Real);
  return engine == Engine::Virtual ? on_virtual_time : real;
}

Result<std::vector<Row>> parse_rows(std::string_view text, const std::vector<Engine>& engines) {
  std::vector<std::string_view> names;
  for (size_t at = 0; at <= text.size() && text != "all";) {
    const size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view name = text.substr(at, comma - at);
    const bool is_known = std::any_of(engines.begin(), engines.end(), [name](Engine engine) {
      return row_named(name, engine) != nullptr;
    });
    if (!is_known) return failure(unknown_row(name, engines));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    at = comma + 1;
  }
  std::vector<Row> rows;
  for (const Engine engine : engines) {
    if (text == "all") {
      rows.insert(rows.end(), known_rows(engine).begin(), known_rows(engine).end());
    }
    for (const std::string_view name : names) {
      if (const Row* const row = row_named(name, engine)) rows.push_back(*row);
    }
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
    case Row::Kind::SctpKernel:
      return {SctpStack::Kernel, UsrsctpTuning::Media, {}, prioritised(), {}};
    case Row::Kind::TcpCubic:
    case Row::Kind::TcpBbr:
    case Row::Kind::Udp:
    case Row::Kind::Srt: break;
  }
  MAYFLY_CHECK(row.is_sctp());
  return {};
}

}  // namespace mayfly
