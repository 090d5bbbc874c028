#include "tests/kernel_program/guest_program.h"

#include "cli/program.h"

namespace mayfly::testing {

int run_guest_program(int argc, char** argv) {
  constexpr AddCommand commands[] = {
      add_probe_command,  add_serve_command, add_play_command,
      add_report_command, add_link_command,  add_doctor_command,
  };
  return run_program(argc, argv, commands);
}

}  // namespace mayfly::testing
