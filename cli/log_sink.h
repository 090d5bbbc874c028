#pragma once

#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/sink.h>

#include <cstdint>
#include <memory>
#include <string>

namespace mayfly {

// Log lines to standard error that never wait for whoever reads them: a pager that stands still or
// a terminal that was stopped must not stop the players. A line that would have to wait is left
// out, and the next one that need not says how many were.
class LogSink final : public spdlog::sinks::sink {
 public:
  LogSink();

  void log(const spdlog::details::log_msg& message) override;
  void flush() override;
  void set_pattern(const std::string& pattern) override;
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override;

 private:
  void tell_left_out();

  spdlog::sinks::ansicolor_stderr_sink_st lines_;
  uint64_t left_out_ = 0;
};

}  // namespace mayfly
