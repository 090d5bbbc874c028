#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "tests/kernel/kernel_pair.h"
#include "transport/kernel/kernel_settings.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;

std::map<std::string, TransportSetting> by_name(const std::vector<TransportSetting>& settings) {
  std::map<std::string, TransportSetting> result;
  for (const TransportSetting& each : settings) result[each.name] = each;
  return result;
}

TEST(KernelSettingsTest, AreReadBackAsTheyWereAskedFor) {
  TransportOptions options;
  options.rto_initial = 300ms;
  options.rto_max = 700ms;
  options.shutdown_limit = 5s;

  auto settings = by_name(kernel_settings(options));

  EXPECT_EQ(settings["SCTP_RTOINFO srto_initial"].value, "300ms");
  EXPECT_EQ(settings["SCTP_RTOINFO srto_min"].value, "100ms");
  EXPECT_EQ(settings["SCTP_RTOINFO srto_max"].value, "1001ms");
  EXPECT_EQ(settings["SCTP_RTOINFO srto_max"].stack_default, "60s");
  EXPECT_EQ(settings["SCTP_ASSOCINFO sasoc_asocmaxrxt"].value, "30");
  EXPECT_EQ(settings["SCTP_PEER_ADDR_PARAMS spp_hbinterval"].value, "5s");
  EXPECT_EQ(settings["SCTP_PEER_ADDR_PARAMS spp_hbinterval"].stack_default, "30s");
  EXPECT_EQ(settings["SCTP_NODELAY"].value, "on");
  EXPECT_EQ(settings["SCTP_NODELAY"].stack_default, "off");
  EXPECT_EQ(settings["SCTP_DELAYED_SACK"].value, "every packet");
  EXPECT_EQ(settings["SCTP_MAX_BURST"].value, "10");
  EXPECT_EQ(settings["SCTP_MAX_BURST"].stack_default, "4");
  EXPECT_EQ(settings["SCTP_STREAM_SCHEDULER"].value, "by priority");
  EXPECT_EQ(settings["SO_SNDBUF"].value, "16MiB");
  for (const auto& [name, setting] : settings) {
    EXPECT_NE(setting.value, "not told") << name;
    EXPECT_NE(setting.stack_default, "not told") << name;
  }
}

TEST(KernelSettingsTest, AListenerTellsOfATakenPort) {
  KernelPair pair;
  const auto first = pair.transport->listen({{IpEndpoint::loopback_v4(0)}});
  ASSERT_TRUE(first.has_value());
  const IpEndpoint taken = (*first)->local().front();
  ASSERT_NE(taken.port, 0);

  const auto second = pair.transport->listen({{taken}});

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::Io);
  EXPECT_EQ(second.error().message,
            "bind to " + to_string(taken) + ": another program has this SCTP port; choose another");
}

TEST(KernelSettingsTest, AListenerTellsOfAForeignAddress) {
  KernelPair pair;

  const auto listening = pair.transport->listen({{IpEndpoint::v4({192, 0, 2, 1}, 9899)}});

  ASSERT_FALSE(listening.has_value());
  EXPECT_THAT(listening.error().message, HasSubstr("this host has no such address"));
}

TEST(KernelSettingsTest, OneListenerTakesBothFamilies) {
  KernelPair pair;
  const KernelPair::Place here = [](const auto& work) { work(); };

  ASSERT_TRUE(pair.connect({{IpEndpoint::any_v6(0)}}, {{IpEndpoint::loopback_v4(0)}}, here, here));

  EXPECT_THAT(pair.server->peer(), HasSubstr("127.0.0.1:"));
}

TEST(KernelSettingsTest, EncapsulationWithoutItsPortNamesTheSysctl) {
  EventLoop loop;
  auto transport =
      KernelTransport::create(loop, loop, loop, {}, {.udp_encapsulation_port = uint16_t{9899}});
  ASSERT_TRUE(transport.has_value());

  const auto listening = (*transport)->listen({{IpEndpoint::loopback_v4(0)}});

  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(listening.error().message, HasSubstr("sysctl -w net.sctp.udp_port=9899"));
}

TEST(KernelSettingsTest, AddressesOfOneEndpointShareAPort) {
  KernelPair pair;

  const auto listening =
      pair.transport->listen({{IpEndpoint::loopback_v4(1), IpEndpoint::loopback_v4(2)}});

  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace mayfly
