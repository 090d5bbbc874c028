#pragma once

#include <sys/types.h>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "core/file_descriptor.h"
#include "core/result.h"

namespace mayfly {

// A program to be run at an end of a link.
struct ProgramStart {
  std::vector<std::string> command;  // never empty; its first word is looked up in PATH
  const FileDescriptor& network;     // where it runs
  std::vector<std::pair<std::string, std::string>> environment{};  // beside what there is
  // In a process group of its own, without input, its output among the messages.
  bool in_background = false;
};

// Starts it with `signal_mask`, and has it end with this process. Fails with NotFound when there is
// no such program, with Unsupported when it cannot be executed.
[[nodiscard]] Result<pid_t> start_program(const ProgramStart& start, const sigset_t& signal_mask);

// The exit status as shells tell it: 128 and its number when a signal ended the program.
[[nodiscard]] int exit_status_of(int wait_status);

}  // namespace mayfly
