#include "telemetry/playback_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "telemetry/playback_fates.h"
#include "tests/telemetry/playback_samples.h"

namespace mayfly {
namespace {

using Json = nlohmann::json;

TEST(PlaybackStatsTest, CountsOnlyVideoFramesInQ) {
  PlaybackStats stats = a_playout();
  stats.of(FrameClass::Audio) = {.sent = 1000, .lost = 1000};

  EXPECT_DOUBLE_EQ(stats.q(), (10 + 70 + 95) / 200.0);
}

TEST(PlaybackStatsTest, HasAQOfZeroWhenNothingWasSent) { EXPECT_EQ(PlaybackStats{}.q(), 0); }

TEST(PlaybackFatesTest, SumsEveryStateOverTheClasses) {
  const ClassFates all = all_frames(a_playout());

  EXPECT_EQ(all, (ClassFates{.sent = 200,
                             .on_time = 175,
                             .late = 7,
                             .abandoned_unsent = 6,
                             .abandoned_sent = 4,
                             .lost = 7,
                             .undecodable = 1,
                             .bytes = 230'000}));
  EXPECT_TRUE(adds_up(all));
}

TEST(PlaybackFatesTest, SeesAFrameThatIsInNoState) {
  EXPECT_FALSE(adds_up({.sent = 3, .on_time = 2}));
}

TEST(PlaybackJsonTest, WritesThePromisedNames) {
  const Json json = Json::parse(to_json(a_playout()));

  for (const char* name : {"i", "p", "b", "audio"}) {
    for (const char* state :
         {"sent", "on_time", "late", "abandoned_unsent", "abandoned_sent", "lost", "undecodable"}) {
      EXPECT_TRUE(json.at("classes").at(name).at(state).is_number_unsigned()) << name << state;
    }
  }
  EXPECT_DOUBLE_EQ(json.at("q"), 0.875);
  EXPECT_DOUBLE_EQ(json.at("latency_ms").at("p50"), 33.5);
  EXPECT_DOUBLE_EQ(json.at("latency_ms").at("p95"), 80);
  EXPECT_DOUBLE_EQ(json.at("latency_ms").at("p99"), 110);
  EXPECT_DOUBLE_EQ(json.at("latency_ms").at("max"), 230);
  EXPECT_EQ(json.at("freezes"), Json({{"count", 2}, {"longest_ms", 310.0}, {"total_ms", 500.0}}));
  EXPECT_DOUBLE_EQ(json.at("startup_ms"), 180);
}

TEST(PlaybackJsonTest, PutsEveryStateInItsPlaceAndTheySumToSent) {
  const Json p = Json::parse(to_json(a_playout())).at("classes").at("p");

  EXPECT_EQ(p.at("on_time"), 70);
  EXPECT_EQ(p.at("late"), 7);
  EXPECT_EQ(p.at("abandoned_unsent"), 6);
  EXPECT_EQ(p.at("abandoned_sent"), 4);
  EXPECT_EQ(p.at("lost"), 2);
  EXPECT_EQ(p.at("undecodable"), 1);
  EXPECT_EQ(p.at("sent"), 90);
}

TEST(PlaybackJsonTest, SaysUnderWhichConditionsTheClipWasPlayed) {
  const Json json = Json::parse(to_json(a_playout()));

  EXPECT_EQ(json.at("clip"), "cube.mpeg");
  EXPECT_EQ(json.at("policy"), "prioritised");
  EXPECT_EQ(json.at("transport"), "usrsctp");
  EXPECT_EQ(json.at("impairment"), "loss=3%,delay=20ms,seed=7");
  EXPECT_DOUBLE_EQ(json.at("playout_delay_ms"), 200);
  EXPECT_DOUBLE_EQ(json.at("latency_by_class_ms").at("i").at("p95"), 91);
  EXPECT_TRUE(json.at("complete"));
}

TEST(PlaybackJsonTest, TellsOfStreamsPathsAndEvents) {
  const Json json = Json::parse(to_json(a_playout()));

  EXPECT_EQ(json.at("streams").at(1), Json({{"stream", 2},
                                            {"carries", "p"},
                                            {"messages_sent", 0},
                                            {"bytes_sent", 0},
                                            {"messages_received", 345},
                                            {"bytes_received", 240'045},
                                            {"abandoned_unsent", 46},
                                            {"abandoned_sent", 47}}));
  EXPECT_EQ(json.at("paths"), Json::array({{{"address", "192.0.2.1:9899"},
                                            {"active", true},
                                            {"primary", true},
                                            {"rtt_ms", 48.0},
                                            {"rto_ms", 149.0},
                                            {"cwnd_bytes", 15'050},
                                            {"mtu_bytes", 1451}}}));
  EXPECT_EQ(json.at("events"), Json({{"association-up", 1}, {"path-unreachable", 52}}));
  EXPECT_EQ(json.at("packets_sent"), 53);
  EXPECT_EQ(json.at("chunks_retransmitted"), 54);
}

TEST(PlaybackJsonTest, ReadsWhatWasWrittenBeforeStreamsWereTold) {
  Json before = Json::parse(to_json(a_playout()));
  for (const char* name : {"streams", "paths", "events", "packets_sent", "chunks_retransmitted"}) {
    before.erase(name);
  }

  const auto read = playback_stats_from_json(before.dump());

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->association, TransportSummary{});
  EXPECT_EQ(read->round_trip, 40ms);
}

TEST(PlaybackJsonTest, RefusesPathsThatNeverWere) {
  Json wrong = Json::parse(to_json(a_playout()));
  wrong["paths"][0]["rtt_ms"] = 1e300;

  EXPECT_FALSE(playback_stats_from_json(wrong.dump()));
}

TEST(PlaybackJsonTest, WritesNullForWhatDidNotHappen) {
  const Json json = Json::parse(to_json(PlaybackStats{}));

  EXPECT_TRUE(json.at("startup_ms").is_null());
  EXPECT_TRUE(json.at("latency_ms").at("p50").is_null());
  EXPECT_TRUE(json.at("impairment").is_null());
}

TEST(PlaybackJsonTest, IsValidWhateverAClipIsCalled) {
  PlaybackStats stats;
  stats.clip = "bad \xff\xc3 \"name\"\n.mp4";

  EXPECT_THAT(Json::parse(to_json(stats)).at("clip").get<std::string>(),
              ::testing::HasSubstr("\"name\""));
}

TEST(PlaybackJsonTest, ReadsBackWhatItWrote) {
  const PlaybackStats written = a_playout();

  const auto read = playback_stats_from_json(to_json(written));

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(written));
  EXPECT_EQ(read->association, written.association);
}

TEST(PlaybackJsonTest, RefusesWhatAPlayerDidNotWrite) {
  Json unbalanced = Json::parse(to_json(a_playout()));
  unbalanced["classes"]["p"]["late"] = 1'000'000;
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{\"classes\":3}"), unbalanced.dump()}) {
    const auto read = playback_stats_from_json(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::Malformed);
  }
}

}  // namespace
}  // namespace mayfly
