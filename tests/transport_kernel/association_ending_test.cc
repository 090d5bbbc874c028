#include "transport/kernel/association_ending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace mayfly {
namespace {

using ::testing::HasSubstr;

const EndedAssociation kOpen{.peer = "192.0.2.1:9899"};
const EndedAssociation kConnecting{.peer = "192.0.2.1:9899", .was_connecting = true};

AssociationLost by_peer(std::string reason) {
  return {.aborted_by_peer = true, .abort_reason = std::move(reason)};
}

TEST(AssociationEndingTest, HasEndedOnceAnyEndIsTold) {
  EXPECT_FALSE(AssociationEnding{}.has_ended());
  EXPECT_FALSE(AssociationEnding{.peer_shut_down = true}.has_ended());
  EXPECT_TRUE(AssociationEnding{.ended = true}.has_ended());
  EXPECT_TRUE(AssociationEnding{.shutdown_complete = true}.has_ended());
  EXPECT_TRUE(AssociationEnding{.lost = AssociationLost{}}.has_ended());
}

TEST(AssociationEndingTest, TellsWhoShutDown) {
  const AssociationEnding ending{.shutdown_complete = true};

  EXPECT_EQ(why_ended(ending, kOpen), (Error{ErrorCode::Closed, "shut down by the peer"}));
  EXPECT_EQ(why_ended(ending, {.peer = "x", .shutdown_wanted = true}),
            (Error{ErrorCode::Closed, "shut down"}));
  // A socket may fail once all has been said.
  EXPECT_EQ(why_ended({.read_error = EPIPE, .peer_shut_down = true}, kOpen).code,
            ErrorCode::Closed);
}

TEST(AssociationEndingTest, PassesOnThePeersWords) {
  EXPECT_EQ(why_ended({.lost = by_peer("no room")}, kOpen),
            (Error{ErrorCode::Io, "aborted by the peer: no room"}));
  EXPECT_EQ(why_ended({.lost = by_peer("")}, kOpen), (Error{ErrorCode::Io, "aborted by the peer"}));
  EXPECT_EQ(why_ended({.read_error = ECONNRESET}, kOpen).message, "aborted by the peer");
}

TEST(AssociationEndingTest, TellsARefusalFromSilence) {
  EXPECT_EQ(
      why_ended({.read_error = ECONNREFUSED}, kConnecting).message,
      "192.0.2.1:9899 refused the association: nobody listens there, or there is no room for more");
  EXPECT_EQ(
      why_ended({.lost = by_peer("")}, kConnecting).message,
      "192.0.2.1:9899 refused the association: nobody listens there, or there is no room for more");

  const Error silent = why_ended({.lost = AssociationLost{}}, kConnecting);
  EXPECT_EQ(silent.code, ErrorCode::Timeout);
  EXPECT_THAT(silent.message, HasSubstr("192.0.2.1:9899 does not answer: is the server running"));
  EXPECT_EQ(why_ended({.read_error = ETIMEDOUT}, kOpen),
            (Error{ErrorCode::Timeout, "192.0.2.1:9899 does not answer any more"}));
}

TEST(AssociationEndingTest, NamesThePeerInWhatTheSystemSays) {
  EXPECT_THAT(why_ended({.read_error = EHOSTUNREACH}, kConnecting).message,
              HasSubstr("192.0.2.1:9899 cannot be reached"));
  EXPECT_THAT(why_ended({.read_error = EIO}, kOpen).message,
              HasSubstr("the association with 192.0.2.1:9899"));
}

}  // namespace
}  // namespace mayfly
