#include "netsim/capacity_trace.h"

#include <array>
#include <cerrno>
#include <fstream>

#include "core/quantity.h"

namespace mayfly {
namespace {

// Eleven days: more than any trace lasts, and far from where times overflow.
constexpr int64_t kMaxMilliseconds = 1'000'000'000;

// Three hours at 12 Mbit/s; what is longer, such as an endless device, is no trace.
constexpr size_t kMaxFileBytes = 64 << 20;

Error at_line(size_t line, const std::string& what) {
  return {ErrorCode::Malformed, "line " + std::to_string(line) + ": " + what};
}

}  // namespace

Result<CapacityTrace> parse_capacity_trace(std::string_view text) {
  CapacityTrace trace;
  size_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto milliseconds = parse_integer(line, 0, kMaxMilliseconds);
    if (!milliseconds) return failure(at_line(line_number, milliseconds.error().message));
    const Duration time = *milliseconds * 1ms;
    if (!trace.opportunities.empty() && time < trace.opportunities.back()) {
      return failure(at_line(line_number, "times must not go backwards"));
    }
    trace.opportunities.push_back(time);
  }
  if (trace.opportunities.empty()) {
    return failure(ErrorCode::Malformed, "a trace needs a line for each delivery opportunity");
  }
  if (trace.opportunities.back() == Duration::zero()) {
    return failure(ErrorCode::Malformed,
                   "the last time of a trace is its length, and must not be 0");
  }
  return trace;
}

Result<CapacityTrace> read_capacity_trace(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  std::array<char, 1 << 16> part{};
  // A directory opens and then refuses to be read.
  while (stream && text.size() <= kMaxFileBytes) {
    stream.read(part.data(), part.size());
    text.append(part.data(), static_cast<size_t>(stream.gcount()));
  }
  if (text.empty() && errno != 0) {
    const int error_number = errno;
    Error error = from_errno(error_number, "trace " + file);
    error.code = error_number == ENOENT ? ErrorCode::NotFound : ErrorCode::Io;
    return failure(std::move(error));
  }
  if (text.size() > kMaxFileBytes) {
    return failure(ErrorCode::Malformed,
                   "trace " + file + ": larger than " + data_size_text(kMaxFileBytes));
  }
  auto trace = parse_capacity_trace(text);
  if (!trace) return failure(trace.error().in("trace " + file));
  trace->file = file;
  return trace;
}

}  // namespace mayfly
