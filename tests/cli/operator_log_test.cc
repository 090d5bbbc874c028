#include "cli/operator_log.h"

#include <gmock/gmock.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

#include "netsim/simulation.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;

class OperatorLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    earlier_ = spdlog::default_logger();
    auto log = std::make_shared<spdlog::logger>(
        "mayfly", std::make_shared<spdlog::sinks::ostream_sink_st>(text_));
    log->set_pattern("%l %v");
    spdlog::set_default_logger(log);
  }
  void TearDown() override { spdlog::set_default_logger(earlier_); }
  // What was said since it was last asked.
  std::string said() {
    std::string text = text_.str();
    text_.str("");
    return text;
  }

  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> earlier_;
  Simulation simulation_;
};

TEST_F(OperatorLogTest, AnEventIsALineOfKeysAndValues) {
  OperatorLog log(simulation_, simulation_);

  log.on_transport_event(3, "10.0.0.1:9899",
                         {.kind = TransportEventKind::PathUnreachable, .address = "10.0.0.1"});

  EXPECT_EQ(said(),
            "warning sctp event=path-unreachable player=3 peer=10.0.0.1:9899 address=10.0.0.1\n");
}

TEST_F(OperatorLogTest, WhatAPeerSaysStaysInItsField) {
  OperatorLog log(simulation_, simulation_);
  SessionStats player;
  player.id = 3;

  log.on_request_refused(player, {ErrorCode::NotFound, "no clip \"x\" player=7\nwhy=\"y"});

  EXPECT_EQ(said(), "warning request refused player=3 why=\"no clip 'x' player=7?why='y\"\n");
}

TEST_F(OperatorLogTest, WhatANetworkCausesTooOftenIsCountedInstead) {
  const LogLimits limits;
  OperatorLog log(simulation_, simulation_, limits);
  const Error why{ErrorCode::Malformed, "not a Hello"};

  for (size_t i = 0; i < limits.burst + 7; ++i) log.on_player_turned_away("10.0.0.9:1", why);
  const std::string at_once = said();
  simulation_.run_for(2 * limits.every);

  EXPECT_EQ(std::count(at_once.begin(), at_once.end(), '\n'),
            static_cast<std::ptrdiff_t>(limits.burst));
  EXPECT_THAT(said(), HasSubstr("suppressed player turned away lines=7"));
}

TEST(StatisticsLineTest, SumsUpThePlayers) {
  SessionStats one;
  one.classes[index_of(FrameClass::B)] = {.due = 600, .abandoned_unsent = 12, .abandoned_sent = 3};
  one.chunks_retransmitted = 5;
  SessionStats other = one;
  other.classes[index_of(FrameClass::I)].due = 40;

  EXPECT_EQ(statistics_line({}), "");
  EXPECT_EQ(statistics_line({one, other}),
            "statistics players=2 buffered_bytes=0 chunks_retransmitted=10 "
            "due/abandoned_unsent/abandoned_sent: i=40/0/0 b=1200/24/6");
}

}  // namespace
}  // namespace mayfly
