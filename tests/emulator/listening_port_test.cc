#include "emulator/listening_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mayfly {
namespace {

using testing::HasSubstr;

// As Linux 6.1 writes them: one that listens at 8000, one connection to it, UDP at 9899.
constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
    "   1: 01004064:1F41 02004064:D431 01 00000000:00000000 00:00000000 00000000     0\n";
constexpr std::string_view kTcp6 =
    "  sl  local_address                         remote_address                        st\n"
    "   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A\n";
constexpr std::string_view kUdp =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
    "  812: 00000000:26AB 00000000:0000 07 00000000:00000000 00:00000000 00000000     0\n";

TEST(ListeningPortTest, IsReadFromWhatPeopleWrite) {
  EXPECT_EQ(ListeningPort::parse("tcp:8000"), (ListeningPort{ListeningPort::Protocol::Tcp, 8000}));
  EXPECT_EQ(ListeningPort::parse("udp:9899"), (ListeningPort{ListeningPort::Protocol::Udp, 9899}));
  EXPECT_EQ(to_text(ListeningPort::parse("udp:9899").value()), "udp:9899");
  for (const char* wrong : {"", "tcp", "tcp:", "8000", "sctp:80", "tcp:0", "tcp:70000", "tcp:x"}) {
    const auto parsed = ListeningPort::parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_THAT(parsed.error().message, HasSubstr("is not a port like tcp:8000"));
  }
}

TEST(ListeningPortTest, IsFoundInTheKernelsTables) {
  const ListeningPort http{ListeningPort::Protocol::Tcp, 8000};
  const ListeningPort sctp{ListeningPort::Protocol::Udp, 9899};

  EXPECT_TRUE(is_listened_on(kTcp, http));
  EXPECT_TRUE(is_listened_on(kTcp6, http));
  EXPECT_TRUE(is_listened_on(kUdp, sctp));
}

TEST(ListeningPortTest, AConnectionIsNobodyWhoListens) {
  EXPECT_FALSE(is_listened_on(kTcp, {ListeningPort::Protocol::Tcp, 8001}));
  EXPECT_FALSE(is_listened_on(kTcp, {ListeningPort::Protocol::Tcp, 54321}));
  EXPECT_FALSE(is_listened_on("", {ListeningPort::Protocol::Tcp, 8000}));
  EXPECT_FALSE(is_listened_on("gibberish\n\n1 2", {ListeningPort::Protocol::Tcp, 8000}));
}

}  // namespace
}  // namespace mayfly
