#include "emulator/program_start.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "emulator/namespaces.h"

namespace mayfly {
namespace {

void go_to_background() {
  setpgid(0, 0);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
}

// In the child: becomes the program, or gives the reason why it could not.
int become(const ProgramStart& start, const sigset_t& signal_mask, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(EXIT_FAILURE);  // it ended before that
  if (!enter_network(start.network)) return errno;
  if (geteuid() != 0) keep_network_rights();
  if (start.in_background) go_to_background();
  for (const auto& [name, value] : start.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const std::string& each : start.command) {
    // execvp() takes pointers to what it does not change.
    arguments.push_back(const_cast<char*>(each.c_str()));  // NOLINT
  }
  arguments.push_back(nullptr);
  sigprocmask(SIG_SETMASK, &signal_mask, nullptr);
  execvp(arguments[0], arguments.data());
  return errno;
}

// execvp() tells of a folder in PATH that this user may not look into before it tells that there is
// no such program.
bool is_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/" + program).c_str(), F_OK) == 0) return true;
  }
  return false;
}

Error start_error(int error_number, const std::string& program) {
  const bool is_looked_up = program.find('/') == std::string::npos;
  if (error_number == ENOENT || (error_number == EACCES && is_looked_up && !is_on_path(program))) {
    return {ErrorCode::NotFound, "there is no program \"" + program + "\""};
  }
  Error error = from_errno(error_number, "running \"" + program + "\"");
  error.code = ErrorCode::Unsupported;
  return error;
}

}  // namespace

Result<pid_t> start_program(const ProgramStart& start, const sigset_t& signal_mask) {
  // Closes when the program takes over; until then it may carry why it did not.
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return failure(from_errno(errno, "pipe"));
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return failure(from_errno(errno, "fork"));
  if (child == 0) {
    const int reason = become(start, signal_mask, parent);
    std::ignore = write(writer.get(), &reason, sizeof(reason));
    _exit(EXIT_FAILURE);
  }
  writer.reset();
  int reason = 0;
  ssize_t told = 0;
  do {
    told = read(reader.get(), &reason, sizeof(reason));
  } while (told < 0 && errno == EINTR);
  if (told == 0) return child;
  waitpid(child, nullptr, 0);
  return failure(start_error(reason, start.command.front()));
}

int exit_status_of(int wait_status) {
  constexpr int kSignalled = 128;
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : kSignalled + WTERMSIG(wait_status);
}

}  // namespace mayfly
