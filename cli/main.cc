#include "cli/program.h"

int main(int argc, char** argv) { return mayfly::run_program(argc, argv); }
