#include "telemetry/transport_tables.h"

#include <fmt/format.h>

#include "telemetry/html.h"
#include "telemetry/playback_charts.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

std::string cell(const std::string& text) { return "<td>" + html_escaped(text) + "</td>"; }
std::string cell(uint64_t count) { return cell(std::to_string(count)); }

std::string row_of(const std::string& who, const StreamSummary& stream) {
  return "<tr>" + cell(who) + cell(stream.stream) + cell(stream.carries) +
         cell(stream.messages_received) + cell(stream.bytes_received) + cell(stream.messages_sent) +
         cell(stream.bytes_sent) + cell(stream.abandoned_unsent) + cell(stream.abandoned_sent) +
         "</tr>\n";
}

std::string row_of(const std::string& who, const PathSummary& path) {
  return "<tr>" + cell(who) + cell(path.address) +
         cell(std::string(path.active ? "up" : "down") + (path.primary ? ", primary" : "")) +
         cell(milliseconds_text(path.smoothed_rtt) + " ms") +
         cell(milliseconds_text(path.retransmission_timeout) + " ms") +
         cell(path.congestion_window_bytes) + cell(path.mtu_bytes) + "</tr>\n";
}

std::string table(const std::string& title, const std::string& headings, const std::string& rows) {
  if (rows.empty()) return {};
  std::string html = "<h2>" + title + "</h2>\n<div class=\"wide\"><table>\n<tr>";
  for (size_t from = 0; from < headings.size();) {
    const size_t to = std::min(headings.find('|', from), headings.size());
    html += "<th>" + headings.substr(from, to - from) + "</th>";
    from = to + 1;
  }
  return html + "</tr>\n" + rows + "</table></div>\n";
}

}  // namespace

std::string transport_tables(const std::vector<PlaybackStats>& playouts) {
  std::string streams, paths, events;
  for (size_t i = 0; i < playouts.size(); ++i) {
    const std::string who = playout_label(playouts, i);
    const TransportSummary& transport = playouts[i].association;
    for (const StreamSummary& each : transport.streams) streams += row_of(who, each);
    for (const PathSummary& each : transport.paths) paths += row_of(who, each);
    for (const auto& [name, count] : transport.events) {
      events += "<tr>" + cell(who) + cell(name) + cell(count) + "</tr>\n";
    }
  }
  return table("Streams at the player",
               "playout|stream|carries|received|bytes|sent|bytes|abandoned unsent|abandoned sent",
               streams) +
         table("Paths at the end", "playout|address|state|RTT|RTO|cwnd, bytes|MTU", paths) +
         table("Events of the association", "playout|event|times", events);
}

}  // namespace mayfly
