#include "cli/operator_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/printable.h"

namespace mayfly {
namespace {

// "i=300/0/0 b=600/12/3": due, and of those abandoned before and after something was sent.
std::string fates_text(const std::array<SenderClassStats, kFrameClassCount>& classes) {
  std::string text;
  for (const FrameClass each : kFrameClasses) {
    const SenderClassStats& stats = classes[index_of(each)];
    if (stats.due == 0) continue;
    text += fmt::format(" {}={}/{}/{}", to_string(each), stats.due, stats.abandoned_unsent,
                        stats.abandoned_sent);
  }
  return text.empty() ? " none" : text;
}

std::string event_line(uint64_t player, const std::string& peer, const TransportEvent& event) {
  std::string line =
      fmt::format("sctp event={} player={} peer={}", to_string(event.kind), player, peer);
  if (!event.address.empty()) line += " address=" + event.address;
  if (event.stream) line += fmt::format(" stream={}", event.stream->value());
  if (!event.detail.empty()) line += fmt::format(" detail={}", in_quotes(event.detail));
  return line;
}

}  // namespace

OperatorLog::OperatorLog(const Clock& clock, TimerFactory& timers, LogLimits limits)
    : clock_(clock),
      limits_(limits),
      limiter_(limits),
      timer_(timers.create([this] { tell_suppressed(); })) {}

std::optional<std::string> OperatorLog::admit(const std::string& kind) {
  const auto verdict = limiter_.ask(kind, clock_.now());
  if (!verdict.is_let_through) {
    if (!timer_->is_running()) timer_->start(limits_.every);
    return std::nullopt;
  }
  return verdict.suppressed == 0 ? "" : fmt::format(" suppressed={}", verdict.suppressed);
}

void OperatorLog::tell_suppressed() {
  for (const auto& [kind, count] : limiter_.take_suppressed(clock_.now())) {
    spdlog::warn("suppressed {} lines={}", kind, count);
  }
  if (limiter_.owes()) timer_->start(limits_.every);
}

void OperatorLog::on_player_joined(const SessionStats& player) {
  spdlog::info("player joined player={} peer={} software={}", player.id, player.peer,
               in_quotes(player.software));
}

void OperatorLog::on_playing(const SessionStats& player) {
  spdlog::info("playing player={} clip={} policy={} playout_delay_ms={}", player.id,
               in_quotes(player.clip), player.policy, to_milliseconds(player.playout_delay));
}

void OperatorLog::on_request_refused(const SessionStats& player, const Error& why) {
  const auto more = admit("request refused");
  if (!more) return;
  spdlog::warn("request refused player={} why={}{}", player.id, in_quotes(why.message), *more);
}

void OperatorLog::on_player_left(const SessionStats& player, const Error& why) {
  spdlog::info("player left player={} why={} due/abandoned_unsent/abandoned_sent:{}", player.id,
               in_quotes(why.message), fates_text(player.classes));
}

void OperatorLog::on_transport_event(uint64_t player, const std::string& peer,
                                     const TransportEvent& event) {
  const auto more = admit(fmt::format("event={}", to_string(event.kind)));
  if (!more) return;
  const auto level = is_trouble(event.kind) ? spdlog::level::warn : spdlog::level::info;
  spdlog::log(level, "{}{}", event_line(player, peer, event), *more);
}

void OperatorLog::on_player_turned_away(const std::string& peer, const Error& why) {
  const auto more = admit("player turned away");
  if (!more) return;
  spdlog::warn("player turned away peer={} why={}{}", peer, in_quotes(why.message), *more);
}

std::string statistics_line(const std::vector<SessionStats>& players) {
  if (players.empty()) return {};
  std::array<SenderClassStats, kFrameClassCount> classes{};
  TransportEventCounts events;
  uint64_t retransmitted = 0;
  size_t buffered = 0;
  for (const SessionStats& player : players) {
    for (size_t i = 0; i < classes.size(); ++i) {
      classes[i].due += player.classes[i].due;
      classes[i].abandoned_unsent += player.classes[i].abandoned_unsent;
      classes[i].abandoned_sent += player.classes[i].abandoned_sent;
    }
    events += player.transport.events;
    retransmitted += player.chunks_retransmitted;
    buffered += player.buffered_bytes;
  }
  std::string line = fmt::format(
      "statistics players={} buffered_bytes={} chunks_retransmitted={} "
      "due/abandoned_unsent/abandoned_sent:{}",
      players.size(), buffered, retransmitted, fates_text(classes));
  for (const TransportEventKind each : transport_event_kinds()) {
    if (events.of(each) > 0) line += fmt::format(" {}={}", to_string(each), events.of(each));
  }
  return line;
}

}  // namespace mayfly
