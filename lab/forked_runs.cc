#include "lab/forked_runs.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "core/file_descriptor.h"

namespace mayfly {
namespace {

// What a child exits with when its work failed; what it wrote says why.
constexpr int kFailed = 3;

class Child {
 public:
  static Result<Child> start(size_t index, const ForkedRuns::Work& work) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return failure(from_errno(errno, "making a pipe"));
    FileDescriptor output(ends[0]);
    FileDescriptor input(ends[1]);
    const pid_t process = fork();
    if (process < 0) return failure(from_errno(errno, "making a process"));
    if (process == 0) {
      // The caller's signal handlers stay: a Ctrl-C that reaches all must not look as if the work
      // had failed. Whoever stops ends the children by their ids.
      live(index, work, input.get());
    }
    return Child(index, process, std::move(output));
  }

  [[nodiscard]] size_t index() const { return index_; }
  [[nodiscard]] int output() const { return output_.get(); }
  // Reads what is there. False at the end.
  [[nodiscard]] bool read_some() {
    std::array<char, 1 << 16> buffer{};
    const ssize_t got = read(output_.get(), buffer.data(), buffer.size());
    if (got > 0) text_.append(buffer.data(), static_cast<size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
  }
  // After the end.
  [[nodiscard]] Result<std::string> finish() {
    const int status = wait_for();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::move(text_);
    if (WIFSIGNALED(status)) {
      return failure(ErrorCode::Io, fmt::format("the run was ended by signal {} ({})",
                                                WTERMSIG(status), strsignal(WTERMSIG(status))));
    }
    return failure(ErrorCode::Io, "the run failed" + (text_.empty() ? "" : ": " + text_));
  }
  void end() {
    (void)kill(process_, SIGKILL);
    (void)wait_for();
  }

 private:
  Child(size_t index, pid_t process, FileDescriptor output)
      : index_(index), process_(process), output_(std::move(output)) {}

  [[noreturn]] static void live(size_t index, const ForkedRuns::Work& work, int output) {
    Result<std::string> made = std::string();
    try {
      made = work(index);
    } catch (const std::exception& error) {
      made = failure(ErrorCode::Io, error.what());
    }
    const std::string text = made ? std::move(*made) : made.error().message;
    for (size_t written = 0; written < text.size();) {
      const ssize_t took = write(output, text.data() + written, text.size() - written);
      if (took < 0 && errno != EINTR) _exit(1);
      if (took > 0) written += static_cast<size_t>(took);
    }
    // Nothing of the parent is to be flushed or destroyed here.
    _exit(made ? 0 : kFailed);
  }
  [[nodiscard]] int wait_for() const {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  size_t index_;
  pid_t process_;
  FileDescriptor output_;
  std::string text_;
};

// Holds signals back, but for while one waits: else one that comes between a look at what its
// handler sets and the wait would not end the wait.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

// Until one of the children has something to read, or a signal came or had come: `stop` is set
// then.
std::vector<bool> readable(const std::vector<Child>& children, const std::atomic<bool>& stop) {
  std::vector<pollfd> polled;
  for (const Child& each : children) polled.push_back({each.output(), POLLIN, 0});
  const HeldSignals held;
  if (stop || ppoll(polled.data(), polled.size(), nullptr, &held.before()) < 0) {
    return std::vector<bool>(children.size());
  }
  std::vector<bool> ready;
  for (const pollfd& each : polled) ready.push_back(each.revents != 0);
  return ready;
}

}  // namespace

Result<void> ForkedRuns::run(size_t count, const Work& work, const Done& done,
                             const std::atomic<bool>& stop) const {
  std::vector<Child> running;
  Result<void> result;
  size_t next = 0;
  while (result && !stop && (next < count || !running.empty())) {
    while (next < count && running.size() < at_once_ && result) {
      auto child = Child::start(next, work);
      if (!child) {
        result = failure(child.error());
        break;
      }
      ++next;
      running.push_back(std::move(*child));
    }
    if (!result) break;
    const std::vector<bool> ready = readable(running, stop);
    for (size_t i = running.size(); i-- > 0;) {
      if (!ready[i] || running[i].read_some()) continue;
      Child finished = std::move(running[i]);
      running.erase(running.begin() + static_cast<ptrdiff_t>(i));
      auto output = finished.finish();
      if (result) result = done(finished.index(), std::move(output));
    }
  }
  for (Child& each : running) each.end();
  return result;
}

}  // namespace mayfly
