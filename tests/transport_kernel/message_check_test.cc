#include "transport/kernel/message_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const MessageLimits kLimits{.send_buffer_bytes = 1 << 20, .streams = 4};

std::string refusal(size_t bytes, const MessageLimits& limits, const SendOptions& options = {},
                    uint16_t stream = 0) {
  const auto checked =
      check_kernel_message({StreamId(stream), Ppid(0), Bytes(bytes)}, options, limits);
  if (checked) return "taken";
  EXPECT_EQ(checked.error().code, ErrorCode::InvalidArgument);
  return checked.error().message;
}

TEST(MessageCheckTest, TakesWhatTheKernelTakes) {
  EXPECT_EQ(refusal(1, kLimits), "taken");
  EXPECT_EQ(refusal(1 << 20, kLimits, {.lifetime = 1us}, 3), "taken");
  EXPECT_EQ(kLimits.max_message_bytes(), size_t{1} << 20);
}

TEST(MessageCheckTest, NamesTheSizeTheLimitAndTheMend) {
  EXPECT_THAT(refusal((1 << 20) + 1024, kLimits),
              AllOf(HasSubstr("1025KiB"), HasSubstr("send buffer of 1MiB"),
                    HasSubstr("net.core.wmem_max")));

  MessageLimits one_chunk = kLimits;
  one_chunk.one_chunk_bytes = 1400;
  EXPECT_EQ(one_chunk.max_message_bytes(), 1400U);
  EXPECT_EQ(refusal(1400, one_chunk), "taken");
  EXPECT_EQ(refusal(1401, one_chunk),
            "a message of 1401B does not fit one chunk of 1400B, and "
            "transport.kernel.fragmentation is \"off\": send it in pieces, or turn fragmentation "
            "\"on\"");
}

TEST(MessageCheckTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(refusal(0, kLimits), "SCTP has no empty messages");
  EXPECT_EQ(refusal(1, kLimits, {}, 4), "there is no stream 4: the peer takes 4");
  EXPECT_THAT(refusal(1, kLimits, {.lifetime = 0ms}), HasSubstr("must be positive"));
  EXPECT_THAT(refusal(1, kLimits, {.lifetime = 1ms, .max_retransmissions = 1}),
              HasSubstr("only one of them"));
}

}  // namespace
}  // namespace mayfly
