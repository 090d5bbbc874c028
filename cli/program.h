#pragma once

namespace mayfly {

// The whole program: reads the command line, does what it says, tells on standard error what went
// wrong, and returns the exit status. Once per process.
[[nodiscard]] int run_program(int argc, char** argv);

}  // namespace mayfly
