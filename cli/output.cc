#include "cli/output.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace mayfly {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<void> write_to_stdout(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return {};
  return failure(from_errno(errno, "writing to standard output"));
}

Result<void> write_file(const std::string& path, std::string_view text) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "we"));
  if (!file) return failure(from_errno(errno, "writing " + path));
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  // Closing is when a full disk shows at the latest.
  if (std::fclose(file.release()) == 0 && written) return {};
  return failure(from_errno(errno, "writing " + path));
}

void write_to_stderr(std::string_view text) {
  while (!text.empty() && stderr_takes_more()) {
    const size_t size = std::min<size_t>(text.size(), PIPE_BUF);
    std::fwrite(text.data(), 1, size, stderr);
    std::fflush(stderr);
    text.remove_prefix(size);
  }
}

void outlive_readers() { std::signal(SIGPIPE, SIG_IGN); }

bool stderr_takes_more() {
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  // What poll() cannot watch, a file, never makes its writer wait.
  return poll(&ready, 1, 0) != 0;
}

size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool stderr_is_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace mayfly
