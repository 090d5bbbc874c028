#include "server/session_table.h"

#include <fmt/format.h>

#include <numeric>

#include "telemetry/text.h"

namespace mayfly {
namespace {

std::string player_line(const SessionStats& player) {
  return fmt::format("{:>6}  {:<24}  {:<8}  {:<20}  {:>8}\n", player.id, fitted(player.peer, 24),
                     to_string(player.state), fitted(player.clip.empty() ? "-" : player.clip, 20),
                     media_time_text(player.connected));
}

std::string sending_line(const SessionStats& player) {
  const std::string text = fmt::format(
      "{}, {}, waits {} B, retransmitted {} chunks, refused {} messages", player.transport.stack,
      player.policy, count_text(player.buffered_bytes), count_text(player.chunks_retransmitted),
      count_text(player.transport.messages_refused));
  return fmt::format("{:8}{}\n", "", fitted(text, kTerminalColumns - 8));
}

std::string path_line(const PathStats& path) {
  const std::string text = fmt::format(
      "path {:<22} {}{}, rtt {} ms, rto {} ms, cwnd {} B, mtu {}", fitted(path.address, 22),
      path.primary ? "primary, " : "", path.active ? "up" : "down",
      milliseconds_text(path.smoothed_rtt), milliseconds_text(path.retransmission_timeout),
      count_text(path.congestion_window_bytes), path.mtu_bytes);
  return fmt::format("{:8}{}\n", "", fitted(text, kTerminalColumns - 8));
}

std::string stream_lines(const SessionStats& player) {
  std::string text = fmt::format("{:8}{:<6} {:<12} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", "stream",
                                 "carries", "sent", "bytes", "received", "unsent", "sent");
  for (const auto& [stream, counters] : player.transport.streams) {
    const auto name = player.stream_names.find(stream);
    text += fmt::format("{:8}{:>6} {:<12} {:>8} {:>8} {:>8} {:>8} {:>8}\n", "", stream.value(),
                        fitted(name == player.stream_names.end() ? "-" : name->second, 12),
                        count_text(counters.messages_sent), count_text(counters.bytes_sent),
                        count_text(counters.messages_received),
                        count_text(counters.abandoned_unsent), count_text(counters.abandoned_sent));
  }
  return text;
}

std::string event_line(const SessionStats& player) {
  std::string text;
  for (const TransportEventKind each : transport_event_kinds()) {
    const uint64_t count = player.transport.events.of(each);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(each), count_text(count));
  }
  return text.empty() ? "" : fmt::format("{:8}{}\n", "", fitted(text, kTerminalColumns - 8));
}

}  // namespace

std::string session_table(const std::vector<SessionStats>& players) {
  std::string text = fmt::format(
      "{} {}{}\n", players.size(), players.size() == 1 ? "player" : "players",
      players.empty() ? "" : "; of each stream the messages sent, received and abandoned");
  if (players.empty()) return text;
  text += fmt::format("{:>6}  {:<24}  {:<8}  {:<20}  {:>8}\n", "player", "peer", "state", "clip",
                      "since");
  for (const SessionStats& player : players) {
    text += player_line(player) + sending_line(player);
    for (const PathStats& path : player.transport.paths) text += path_line(path);
    text += stream_lines(player) + event_line(player);
  }
  return text;
}

std::string reader_table(const std::vector<TsFeedStats>& readers) {
  if (readers.empty()) return {};
  std::string text =
      fmt::format("{} {} of MPEG-TS\n", readers.size(), readers.size() == 1 ? "reader" : "readers");
  text += fmt::format("{:>6}  {:<22}  {:<14}  {:>8}  {:>6} {:>6} {:>6}\n", "reader", "peer", "clip",
                      "since", "frames", "bytes", "aband.");
  for (const TsFeedStats& reader : readers) {
    const uint64_t frames =
        std::accumulate(reader.frames.begin(), reader.frames.end(), uint64_t{0});
    text += fmt::format("{:>6}  {:<22}  {:<14}  {:>8}  {:>6} {:>6} {:>6}\n", reader.id,
                        fitted(reader.peer, 22), fitted(reader.clip, 14),
                        media_time_text(reader.connected), count_text(frames),
                        count_text(reader.bytes), count_text(reader.abandoned));
  }
  return text;
}

}  // namespace mayfly
