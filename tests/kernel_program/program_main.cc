#include "tests/kernel_program/guest_program.h"

int main(int argc, char** argv) { return mayfly::testing::run_guest_program(argc, argv); }
