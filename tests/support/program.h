#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"

namespace mayfly::testing {

// How a program ended.
struct Exit {
  int status = -1;  // exit status; 128 + signal when a signal ended it
  std::string standard_output;
  std::string standard_error;
};

// What a program finds when it starts, beside its arguments.
struct Surroundings {
  // Runs in the new process before the program does: to enter a namespace, to set a limit.
  std::function<void()> prepare = [] {};
};

// A program that is linked into the test program: commands whose first word is `name` run in a
// child of the test program that calls `main`, instead of loading the program anew. In the guest
// the loader takes seconds to map its two hundred libraries, and so does it once.
void run_linked_in(std::string name, int (*main)(int argc, char** argv));

// A real process under test, its output read as it comes. Killed when destroyed. Every wait is for
// an event, and bounded.
class Program {
 public:
  // Starts `command` (argv[0] is looked up in PATH). Aborts the test program when it cannot.
  explicit Program(std::vector<std::string> command, const Surroundings& surroundings = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The first line of either output that contains `text`, waiting for it; nothing when the program
  // ended or `limit` passed without one.
  [[nodiscard]] std::optional<std::string> wait_for_line(const std::string& text,
                                                         Duration limit = 20s);
  // Does nothing once the program was waited for.
  void signal(int number);
  // Waits for the end; kills the program when `limit` passes, which shows as status 137. Called
  // again, it gives the same.
  [[nodiscard]] Exit wait(Duration limit = 60s);
  // Of the process; -1 once it was waited for.
  [[nodiscard]] pid_t id() const { return process_; }

 private:
  // Reads what is there, waiting at most `limit` for it. False when both outputs have ended or the
  // time is over.
  bool read_some(Duration limit);

  pid_t process_ = -1;
  int output_ = -1;
  int error_ = -1;
  Exit exit_;
};

// Runs a command to its end.
[[nodiscard]] Exit run(std::vector<std::string> command, Duration limit = 60s,
                       const Surroundings& surroundings = {});

}  // namespace mayfly::testing
