#pragma once

#include <span>

#include "cli/command.h"

namespace mayfly {

// Adds a subcommand to the program (cli/command.h).
using AddCommand = void (*)(CLI::App& app, ChosenCommand& chosen);

// The whole program of these commands, which its help lists in this order: reads the command line,
// does what it says, tells on standard error what went wrong, and returns the exit status. Once per
// process.
[[nodiscard]] int run_program(int argc, char** argv, std::span<const AddCommand> commands);

}  // namespace mayfly
