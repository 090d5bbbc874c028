#include "cli/reader_log.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace mayfly {

void ReaderLog::on_reader_joined(const TsFeedStats& reader) {
  spdlog::info("reader joined reader={} peer={} clip=\"{}\"", reader.id, reader.peer, reader.clip);
}

void ReaderLog::on_feed_started(const TsFeedStats& reader) {
  spdlog::info("sending MPEG-TS reader={} clip=\"{}\"", reader.id, reader.clip);
}

void ReaderLog::on_reader_left(const TsFeedStats& reader, const Error& why) {
  const bool in_good_order = why.code == ErrorCode::Closed;
  if (!in_good_order) ++dropped_;
  uint64_t frames = 0;
  for (const uint64_t each : reader.frames) frames += each;
  const std::string line = fmt::format(
      "reader {} reader={} peer={} why=\"{}\" frames={} turns={} messages={} bytes={} abandoned={}",
      in_good_order ? "left" : "dropped", reader.id, reader.peer, why.message, frames, reader.turns,
      reader.messages, reader.bytes, reader.abandoned);
  if (in_good_order) return spdlog::info(line);
  spdlog::warn("{} dropped_readers={}", line, dropped_);
}

void ReaderLog::on_reader_turned_away(const std::string& peer, const Error& why) {
  ++dropped_;
  spdlog::warn("reader turned away peer={} why=\"{}\" dropped_readers={}", peer, why.message,
               dropped_);
}

}  // namespace mayfly
