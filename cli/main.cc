#include "cli/program.h"

int main(int argc, char** argv) {
  constexpr mayfly::AddCommand commands[] = {
      mayfly::add_probe_command,  mayfly::add_serve_command,   mayfly::add_play_command,
      mayfly::add_report_command, mayfly::add_compare_command, mayfly::add_link_command,
      mayfly::add_doctor_command,
  };
  return mayfly::run_program(argc, argv, commands);
}
