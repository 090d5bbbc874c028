#pragma once

namespace mayfly::testing {

// mayfly without `compare`, which brings its own network and would only lengthen the build.
[[nodiscard]] int run_guest_program(int argc, char** argv);

}  // namespace mayfly::testing
