#include "cli/reader_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/printable.h"

namespace mayfly {

void ReaderLog::on_reader_joined(const TsFeedStats& reader) {
  spdlog::info("reader joined reader={} peer={} clip={}", reader.id, reader.peer,
               in_quotes(reader.clip));
}

void ReaderLog::on_feed_started(const TsFeedStats& reader) {
  spdlog::info("sending MPEG-TS reader={} clip={}", reader.id, in_quotes(reader.clip));
}

void ReaderLog::on_reader_left(const TsFeedStats& reader, const Error& why) {
  const bool in_good_order = why.code == ErrorCode::Closed;
  if (!in_good_order) ++dropped_;
  uint64_t frames = 0;
  for (const uint64_t each : reader.frames) frames += each;
  const std::string line = fmt::format(
      "reader {} reader={} peer={} why={} frames={} turns={} messages={} bytes={} abandoned={}",
      in_good_order ? "left" : "dropped", reader.id, reader.peer, in_quotes(why.message), frames,
      reader.turns, reader.messages, reader.bytes, reader.abandoned);
  if (in_good_order) return spdlog::info(line);
  spdlog::warn("{} dropped_readers={}", line, dropped_);
}

void ReaderLog::on_reader_turned_away(const std::string& peer, const Error& why) {
  ++dropped_;
  spdlog::warn("reader turned away peer={} why={} dropped_readers={}", peer, in_quotes(why.message),
               dropped_);
}

std::string reader_statistics_line(const std::vector<TsFeedStats>& readers) {
  if (readers.empty()) return {};
  uint64_t messages = 0;
  uint64_t bytes = 0;
  uint64_t abandoned = 0;
  for (const TsFeedStats& each : readers) {
    messages += each.messages;
    bytes += each.bytes;
    abandoned += each.abandoned;
  }
  return fmt::format("statistics readers={} messages={} bytes={} abandoned={}", readers.size(),
                     messages, bytes, abandoned);
}

}  // namespace mayfly
