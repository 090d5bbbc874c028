// A peer may say whatever it likes, under the right tag or before there is one: the process goes
// on, and the worst that comes of it is the end of the association.
#include <gmock/gmock.h>

#include "tests/transport_sctp/played_by_hand.h"

namespace mayfly::sctp {
namespace {

using ::testing::Le;
using ::testing::SizeIs;

class HostilePeerTest : public PlayedByHand {};

Bytes unknown_parameters(size_t bytes, size_t count) {
  Bytes list;
  TlvWriter writer(list);
  for (size_t i = 0; i < count; ++i) writer.add(0xc123, Bytes(bytes));
  return list;
}

TEST_F(HostilePeerTest, IsToldOfParametersOnlyAsFarAsAnAnswerHoldsThem) {  // RFC 9260 3.2.1
  // The last INIT fills the largest packet that UDP can carry.
  for (const auto& [bytes, count] :
       {std::pair{4U, 3U}, std::pair{100U, 16U}, std::pair{600U, 1U}, std::pair{65'440U, 1U}}) {
    send_init(host(1), 77, {}, unknown_parameters(bytes, count));

    const auto answers = socket_.take();
    ASSERT_THAT(answers, SizeIs(1)) << bytes;
    EXPECT_THAT(answers[0].packet, SizeIs(Le(1000U))) << bytes;
    const auto chunk = PacketView::parse(answers[0].packet)->chunks().next();
    const auto init_ack = InitAckChunk::parse(*chunk);
    ASSERT_TRUE(init_ack) << bytes;
    TlvReader parameters(init_ack->parameters);
    size_t reported = 0;
    while (const auto each = parameters.next()) {
      if (each->type == static_cast<uint16_t>(ParameterType::UnrecognizedParameter)) ++reported;
    }
    EXPECT_EQ(reported, bytes == 4 ? 3U : bytes == 100 ? 4U : 0U) << bytes;
  }
}

}  // namespace
}  // namespace mayfly::sctp
