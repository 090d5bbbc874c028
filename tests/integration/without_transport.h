#pragma once

#include <gtest/gtest.h>

#include "tests/integration/transport_under_test.h"

namespace mayfly::testing {

// Tests of what ends before a transport begins: asked once, over usrsctp, with every sanitizer.
class WithoutTransport : public ::testing::Test {
 protected:
  void SetUp() override {
    if (transport_under_test() == TransportChoice::Kernel) {
      GTEST_SKIP() << "nothing of it is the transport's; the integration tests ask it";
    }
  }
};

}  // namespace mayfly::testing
