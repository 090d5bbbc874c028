#include <gmock/gmock.h>

#include <string>

#include "tests/integration/transport_under_test.h"
#include "tests/kernel_program/guest_program.h"
#include "tests/support/made_clip.h"
#include "tests/support/program.h"

// The tests of the program over the kernel's SCTP. Outside the guest, where ffmpeg is quick:
//   program_guest_tests --make-clips STORE
// and then, in the guest, the tests themselves:
//   program_guest_tests STORE [--gtest_...]
int main(int argc, char** argv) {
  using namespace mayfly::testing;
  ::testing::InitGoogleMock(&argc, argv);
  if (argc == 3 && std::string(argv[1]) == "--make-clips") {
    make_declared_clips(argv[2]);
    return 0;
  }
  if (argc != 2) return 2;
  take_clips_from(argv[1]);
  set_transport_under_test(mayfly::TransportChoice::Kernel);
  run_linked_in(MAYFLY_PROGRAM, run_guest_program);
  return RUN_ALL_TESTS();
}
