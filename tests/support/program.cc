#include "tests/support/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <sstream>

#include "core/check.h"
#include "core/clock.h"

namespace mayfly::testing {
namespace {

void append_from(int& descriptor, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = read(descriptor, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<size_t>(count));
  } else {
    close(descriptor);
    descriptor = -1;
  }
}

std::optional<std::string> line_with(const std::string& all, const std::string& text) {
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(text) != std::string::npos && !lines.eof()) return line;
  }
  return std::nullopt;
}

struct LinkedIn {
  std::string name;
  int (*main)(int, char**) = nullptr;
};
LinkedIn linked_in;

[[noreturn]] void become(std::vector<char*>& arguments) {
  if (arguments[0] != linked_in.name) {
    execvp(arguments[0], arguments.data());
    std::perror(arguments[0]);
    _exit(127);
  }
  // As after an exec: nothing of the test program stays open.
  close_range(STDERR_FILENO + 1, ~0U, 0);
  const int status = linked_in.main(static_cast<int>(arguments.size()) - 1, arguments.data());
  // The test program's own objects are not this process's to tear down.
  std::fflush(nullptr);
  _exit(status);
}

}  // namespace

void run_linked_in(std::string name, int (*main)(int argc, char** argv)) {
  linked_in = {std::move(name), main};
}

Program::Program(std::vector<std::string> command, const Surroundings& surroundings) {
  std::array<int, 2> output{};
  std::array<int, 2> error{};
  MAYFLY_CHECK(pipe2(output.data(), O_CLOEXEC) == 0 && pipe2(error.data(), O_CLOEXEC) == 0);
  std::vector<char*> arguments;
  for (std::string& each : command) arguments.push_back(each.data());
  arguments.push_back(nullptr);
  std::fflush(nullptr);  // a child that is not replaced would write it once more
  process_ = fork();
  MAYFLY_CHECK(process_ >= 0);
  if (process_ == 0) {
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    dup2(error[1], STDERR_FILENO);
    surroundings.prepare();
    become(arguments);
  }
  close(output[1]);
  close(error[1]);
  output_ = output[0];
  error_ = error[0];
}

Program::~Program() {
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  if (output_ >= 0) close(output_);
  if (error_ >= 0) close(error_);
}

std::optional<std::string> Program::wait_for_line(const std::string& text, Duration limit) {
  const SteadyClock clock;
  const Timestamp end = clock.now() + limit;
  for (;;) {
    for (const std::string* each : {&exit_.standard_output, &exit_.standard_error}) {
      if (auto line = line_with(*each, text)) return line;
    }
    if (!read_some(end - clock.now())) return std::nullopt;
  }
}

void Program::signal(int number) {
  // Once it was waited for there is no process to signal, and kill(-1) would reach every process
  // of the machine.
  if (process_ > 0) kill(process_, number);
}

Exit Program::wait(Duration limit) {
  if (process_ <= 0) return exit_;
  const SteadyClock clock;
  const Timestamp end = clock.now() + limit;
  while (read_some(end - clock.now())) {
  }
  if (clock.now() >= end) kill(process_, SIGKILL);
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = -1;
  exit_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_;
}

bool Program::read_some(Duration limit) {
  if ((output_ < 0 && error_ < 0) || limit <= Duration::zero()) return false;
  std::array<pollfd, 2> watched = {pollfd{output_, POLLIN, 0}, pollfd{error_, POLLIN, 0}};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  if (poll(watched.data(), watched.size(), static_cast<int>(milliseconds)) <= 0) return false;
  if (watched[0].revents != 0) append_from(output_, exit_.standard_output);
  if (watched[1].revents != 0) append_from(error_, exit_.standard_error);
  return true;
}

Exit run(std::vector<std::string> command, Duration limit, const Surroundings& surroundings) {
  return Program(std::move(command), surroundings).wait(limit);
}

}  // namespace mayfly::testing
