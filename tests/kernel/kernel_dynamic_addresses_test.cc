#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "core/check.h"
#include "tests/kernel/kernel_pair.h"
#include "tests/kernel/network_namespaces.h"

namespace mayfly {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

// For what takes the kernel half a second and a few round trips; a busy guest may take its time.
constexpr Duration kLimit = 30s;

void run(const std::string& command) { MAYFLY_CHECK(std::system(command.c_str()) == 0); }

// Addresses that come and go under an association (RFC 5061), while a message a hundredth of a
// second goes each way.
class KernelDynamicAddressesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hosts_.impair(0, {});
    hosts_.impair(1, {});
    // Or a network's other addresses go with its first.
    for (const char* end :
         {"client sysctl -qw net.ipv4.conf.c0", "server sysctl -qw net.ipv4.conf.s0"}) {
      run(fmt::format("ip netns exec {}.promote_secondaries=1", end));
    }
  }
  void TearDown() override {
    run("ip -n client address replace 10.0.0.1/24 dev c0");
    run("ip -n client address replace 10.0.1.1/24 dev c1");
    run("ip -n server address replace 10.0.0.2/24 dev s0");
  }

  [[nodiscard]] bool connect() {
    return pair_.connect(
        {{IpEndpoint::any_v4(9899)}}, {{TwoHosts::server_address(0, 9899)}},
        [this](const auto& work) { hosts_.on_server(work); },
        [this](const auto& work) { hosts_.on_client(work); });
  }

  bool stream(Duration limit, const std::function<bool()>& done) {
    for (const Timestamp end = pair_.loop.now() + limit; pair_.loop.now() < end;) {
      if (done()) return true;
      EXPECT_TRUE(pair_.client->send(message_of(1, patterned(1000, sent_)), {}));
      EXPECT_TRUE(pair_.server->send(message_of(1, patterned(1000, sent_)), {}));
      ++sent_;
      pair_.run_for(10ms);
    }
    return done();
  }

  // Whether all that was sent arrives.
  bool all_arrives() {
    const auto complete = [this](const RecordingObserver& told) {
      return told.messages.size() == sent_;
    };
    return pair_.run_until(
        [&] { return complete(pair_.client_told) && complete(pair_.server_told); }, kLimit);
  }

  static std::vector<std::string> peers_of(const Association& association) {
    std::vector<std::string> found;
    for (const PathStats& each : association.stats().paths) {
      found.push_back(each.address.substr(0, each.address.rfind(':')));
    }
    return found;
  }

  static KernelTransportOptions dynamic() {
    KernelTransportOptions options;
    options.dynamic_addresses = true;
    return options;
  }

  TwoHosts& hosts_ = TwoHosts::get();
  KernelPair pair_{{}, dynamic()};
  uint32_t sent_ = 0;
};

TEST_F(KernelDynamicAddressesTest, APlayerMovesToAnotherNetwork) {
  run("ip -n client address delete 10.0.1.1/24 dev c1");
  ASSERT_TRUE(connect());
  static_cast<void>(stream(200ms, [] { return false; }));
  ASSERT_THAT(peers_of(*pair_.server), ElementsAre("10.0.0.1"));

  // The kernel waits half a second, in case the address goes again. One that went and came back in
  // that time would be no change to it, so this is another than the one that went.
  run("ip -n client address add 10.0.1.11/24 dev c1");
  ASSERT_TRUE(stream(kLimit, [&] { return peers_of(*pair_.server).size() == 2; }));
  run("ip -n client address delete 10.0.0.1/24 dev c0");

  ASSERT_TRUE(stream(kLimit, [&] { return peers_of(*pair_.server).size() == 1; }));
  EXPECT_THAT(peers_of(*pair_.server), ElementsAre("10.0.1.11"));
  const size_t so_far = pair_.client_told.messages.size();
  EXPECT_TRUE(stream(kLimit, [&] { return pair_.client_told.messages.size() > so_far + 20; }));
  EXPECT_TRUE(all_arrives());
  EXPECT_EQ(pair_.client_told.closed, std::nullopt);
  run("ip -n client address delete 10.0.1.11/24 dev c1");
}

TEST_F(KernelDynamicAddressesTest, AServerIsRenumbered) {
  ASSERT_TRUE(connect());
  static_cast<void>(stream(200ms, [] { return false; }));

  run("ip -n server address add 10.0.0.22/24 dev s0");
  ASSERT_TRUE(stream(
      kLimit, [&] { return std::ranges::count(peers_of(*pair_.client), "10.0.0.22") == 1; }));
  run("ip -n server address delete 10.0.0.2/24 dev s0");

  ASSERT_TRUE(
      stream(kLimit, [&] { return std::ranges::count(peers_of(*pair_.client), "10.0.0.2") == 0; }));
  EXPECT_THAT(peers_of(*pair_.client), Contains("10.0.0.22"));
  const size_t so_far = pair_.client_told.messages.size();
  EXPECT_TRUE(stream(kLimit, [&] { return pair_.client_told.messages.size() > so_far + 20; }));
  EXPECT_TRUE(all_arrives());
  EXPECT_EQ(pair_.client_told.closed, std::nullopt);
  run("ip -n server address delete 10.0.0.22/24 dev s0");
}

}  // namespace
}  // namespace mayfly
