#include "transport/kernel/kernel_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/event_loop.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;

TEST(KernelTransportTest, WorksOrSaysHowToGetSctp) {
  EventLoop loop;

  const auto available = KernelTransport::available();
  const auto transport = KernelTransport::create(loop, loop, loop, {});

  EXPECT_EQ(available.has_value(), transport.has_value());
  if (!transport) {
    EXPECT_EQ(transport.error().code, ErrorCode::Unsupported);
    EXPECT_THAT(transport.error().message, HasSubstr("modprobe sctp"));
    EXPECT_THAT(transport.error().message, HasSubstr("--transport usrsctp"));
  }
}

}  // namespace
}  // namespace mayfly
