#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/program_under_test.h"
#include "tests/integration/transport_under_test.h"
#include "tests/kernel/network_namespaces.h"

namespace mayfly::testing {

// A server on one host and players on the other, joined by cables.
class TwoHostTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (size_t cable = 0; cable < 2; ++cable) hosts.impair(cable, {});
  }

  // `mayfly serve` on the server's host, at addresses as URLs have them: "10.0.0.2,10.0.1.2".
  [[nodiscard]] static std::unique_ptr<RunningServer> serve(
      const std::string& addresses, const std::vector<std::string>& arguments) {
    return std::make_unique<RunningServer>(url_at(addresses, kPort), arguments,
                                           Surroundings{&TwoHosts::stay_on_server});
  }
  // `mayfly play --json` on the client's host.
  [[nodiscard]] static std::unique_ptr<Program> start_player(
      const std::string& addresses, std::vector<std::string> arguments = {}) {
    arguments.emplace_back("--json");
    return std::make_unique<Program>(play(url_at(addresses, kPort) + "clip", arguments),
                                     Surroundings{&TwoHosts::stay_on_client});
  }
  // What a player printed; fails the test unless it ended in good order.
  [[nodiscard]] static nlohmann::json stats_of(Program& player) {
    const Exit exit = player.wait();
    EXPECT_EQ(exit.status, 0) << exit.standard_error;
    expect_clean(exit);
    const auto stats = json_from(exit.standard_output);
    expect_states_sum_to_sent(stats);
    return stats;
  }

  static constexpr uint16_t kPort = 9899;
  TwoHosts& hosts = TwoHosts::get();
};

}  // namespace mayfly::testing
