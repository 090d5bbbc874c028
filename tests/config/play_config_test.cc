#include "config/play_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/config/config_generators.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;

TEST(PlayConfigTest, AnEmptyDocumentIsTheDefaults) {
  EXPECT_EQ(parse_play_config("", "x").value(), PlayConfig{});
}

TEST(PlayConfigTest, ReadsADelayOrLeavesItToTheServer) {
  EXPECT_EQ(parse_play_config("playout_delay = \"250ms\"", "x")->playout_delay, Duration(250ms));
  EXPECT_EQ(parse_play_config("playout_delay = \"auto\"", "x")->playout_delay, std::nullopt);

  const auto wrong = parse_play_config("playout_delay = \"soon\"", "x");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("neither \"auto\" nor a duration"));
}

TEST(PlayConfigTest, RefusesAnEmptySink) {
  PlayConfig config;

  EXPECT_FALSE(set(config, "sink", ""));
  EXPECT_TRUE(set(config, "sink", "out.mkv"));
  EXPECT_EQ(config.sink, "out.mkv");
}

TEST(PlayConfigTest, RefusesWhatOnlyTheServerDecides) {
  const auto config = parse_play_config("[delivery]\npolicy = \"unreliable\"", "play.toml");

  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("play.toml:2: delivery.policy: there is no"));
}

RC_GTEST_PROP(PlayConfigProperty, WhatIsPrintedParsesBack, ()) {
  const PlayConfig config = *any_play_config();

  const auto parsed = parse_play_config(to_toml(config), "printed");

  if (!parsed) RC_FAIL(parsed.error().message);
  RC_ASSERT(*parsed == config);
}

}  // namespace
}  // namespace mayfly
