#include "lab/verdict.h"

#include <gmock/gmock.h>

#include "tests/lab/traces.h"

namespace mayfly {
namespace {

constexpr Duration kDelay = 200ms;

// I P B B, twice.
ClipTrace two_groups() {
  SyntheticShape shape;
  shape.pattern = "IPBB";
  shape.pictures = 8;
  return trace_of(shape);
}

DeliveryLog all_in_time(const ClipTrace& clip) {
  DeliveryLog log;
  for (size_t i = 0; i < clip.size(); ++i) log.frames.push_back({clip.due(i) + 30ms, {}});
  return log;
}

TEST(VerdictTest, WhatComesInTimeIsShown) {
  const ClipTrace clip = two_groups();
  DeliveryLog log = all_in_time(clip);
  log.frames[5].completed = clip.due(5) + kDelay;  // not a moment too late
  log.wire_bytes = 2 * clip.bytes();
  const Verdict verdict = judge(clip, log, kDelay);

  EXPECT_EQ(verdict.q(), 1);
  EXPECT_EQ(verdict.miss_ratio(), 0);
  EXPECT_EQ(verdict.overhead_ratio(), 2);
  EXPECT_EQ(verdict.useful_share(), 0.5);
  EXPECT_EQ(verdict.waste_share(), 0);
  EXPECT_EQ(verdict.latency.percentile(0.5), 30U);
  EXPECT_EQ(verdict.latency.most(), 200U);
}

TEST(VerdictTest, ALostIFrameTakesItsGroupAlongAndNotTheNext) {
  const ClipTrace clip = two_groups();
  DeliveryLog log = all_in_time(clip);
  log.frames[0].completed.reset();
  const Verdict verdict = judge(clip, log, kDelay);

  EXPECT_EQ(verdict.q(), 0.5);
  EXPECT_EQ(verdict.of(FrameClass::I).lost, 1U);
  EXPECT_EQ(verdict.of(FrameClass::P).undecodable, 1U);
  EXPECT_EQ(verdict.of(FrameClass::B).undecodable, 2U);
  EXPECT_EQ(verdict.q(FrameClass::B), 0.5);
  EXPECT_EQ(verdict.viewer.longest_freeze, 4 * 40ms);  // black for four slots
}

TEST(VerdictTest, EveryFrameIsInOneStateAndWhatArrivedAtAllIsLate) {
  const ClipTrace clip = two_groups();
  DeliveryLog log = all_in_time(clip);
  log.frames[2] = {clip.due(2) + kDelay + 1us, Abandonment::Sent};
  log.frames[3] = {std::nullopt, Abandonment::Unsent};
  log.frames[6] = {std::nullopt, Abandonment::Sent};
  log.frames[7] = {std::nullopt, std::nullopt};
  const ClassVerdict b = judge(clip, log, kDelay).of(FrameClass::B);

  EXPECT_EQ(b, (ClassVerdict{.frames = 4,
                             .shown = 0,
                             .undecodable = 0,
                             .late = 1,
                             .abandoned_unsent = 1,
                             .abandoned_sent = 1,
                             .lost = 1}));
}

TEST(VerdictTest, PercentilesAreOverWhatArrived) {
  LatencyCounts counts;
  for (uint64_t each = 1; each <= 100; ++each) counts.add(each, 1);

  EXPECT_EQ(counts.percentile(0.5), 50U);
  EXPECT_EQ(counts.percentile(0.95), 95U);
  EXPECT_EQ(counts.percentile(0.99), 99U);
  EXPECT_EQ(counts.percentile(1), 100U);
  EXPECT_EQ(LatencyCounts().percentile(0.5), 0U);
}

}  // namespace
}  // namespace mayfly
