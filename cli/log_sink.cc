#include "cli/log_sink.h"

#include <fmt/format.h>

#include <utility>

#include "cli/output.h"
#include "core/printable.h"

namespace mayfly {

LogSink::LogSink() { set_level(spdlog::level::trace); }

void LogSink::log(const spdlog::details::log_msg& logged) {
  // A line may hold what a peer said.
  const std::string text = printable({logged.payload.data(), logged.payload.size()});
  spdlog::details::log_msg message = logged;
  message.payload = text;
  if (!stderr_takes_more()) {
    ++left_out_;
    return;
  }
  if (left_out_ > 0) tell_left_out();
  if (stderr_takes_more()) {
    lines_.log(message);
  } else {
    ++left_out_;
  }
}

void LogSink::tell_left_out() {
  const std::string text =
      fmt::format("left out lines={} because nobody read them", std::exchange(left_out_, 0));
  lines_.log({"mayfly", spdlog::level::warn, text});
}

void LogSink::flush() { lines_.flush(); }

void LogSink::set_pattern(const std::string& pattern) { lines_.set_pattern(pattern); }

void LogSink::set_formatter(std::unique_ptr<spdlog::formatter> formatter) {
  lines_.set_formatter(std::move(formatter));
}

}  // namespace mayfly
