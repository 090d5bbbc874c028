#include "client/freeze_detector.h"

#include <gmock/gmock.h>

namespace mayfly {
namespace {

constexpr Duration kPicture = 40ms;

// Pictures that are shown as they are decoded, at these multiples of 40 ms.
FreezeSummary freezes_of(const std::vector<int>& shown) {
  FreezeDetector detector;
  for (const int each : shown) {
    detector.add(MediaTime(each * kPicture), MediaTime(each * kPicture),
                 Timestamp(5s) + each * kPicture, kPicture);
  }
  return detector.summary();
}

TEST(FreezeDetectorTest, SeesNoneInAnEvenFlow) {
  std::vector<int> shown;
  for (int i = 0; i < 100; ++i) shown.push_back(i);

  EXPECT_EQ(freezes_of(shown), FreezeSummary{});
}

TEST(FreezeDetectorTest, AFreezeIsAGapOf150MsMoreThanTheAverage) {
  // At 40 ms a picture the bound is max(120 ms, 190 ms): four pictures are 160 ms, five are 200.
  EXPECT_EQ(freezes_of({0, 1, 2, 3, 4, 8, 9}).count, 0u);
  EXPECT_EQ(freezes_of({0, 1, 2, 3, 4, 9, 10}), (FreezeSummary{1, 200ms, 200ms}));
}

TEST(FreezeDetectorTest, MeasuresAgainstTheLast30Gaps) {
  // A clip of one picture in ten: 400 ms is its pace, and 1200 ms its freeze.
  std::vector<int> shown;
  for (int i = 0; i <= 40; ++i) shown.push_back(i * 10);
  shown.push_back(429);
  FreezeDetector detector;
  for (const int each : shown) {
    detector.add(MediaTime(each * kPicture), MediaTime(each * kPicture),
                 Timestamp(5s) + each * kPicture, 10 * kPicture);
  }
  EXPECT_EQ(detector.summary().count, 0u);

  detector.add(MediaTime(60s), MediaTime(60s), Timestamp(5s) + 60s, 10 * kPicture);

  EXPECT_EQ(detector.summary().count, 1u);
}

TEST(FreezeDetectorTest, SeesAFreezeRightAtTheStart) {
  EXPECT_EQ(freezes_of({0, 10, 11}), (FreezeSummary{1, 400ms, 400ms}));
}

TEST(FreezeDetectorTest, PutsPicturesInTheOrderOfTheirShowing) {
  // I P B B: decoded 0 1 2 3, shown at 1 4 2 3.
  FreezeDetector detector;
  const std::vector<std::pair<int, int>> decoded_and_shown = {{0, 1}, {1, 4}, {2, 2}, {3, 3},
                                                              {4, 7}, {5, 5}, {6, 6}};
  for (const auto& [decoded, shown] : decoded_and_shown) {
    detector.add(MediaTime(decoded * kPicture), MediaTime(shown * kPicture),
                 Timestamp(5s) + shown * kPicture, kPicture);
  }
  detector.end(Timestamp(5s) + 8 * kPicture);

  EXPECT_EQ(detector.summary().count, 0u);
}

TEST(FreezeDetectorTest, ALastPictureThatStandsUntilTheEndIsAFreeze) {
  FreezeDetector detector;
  for (int i = 0; i < 10; ++i) {
    detector.add(MediaTime(i * kPicture), MediaTime(i * kPicture), Timestamp(i * kPicture),
                 kPicture);
  }
  detector.end(Timestamp(9 * kPicture + 2s));

  EXPECT_EQ(detector.summary(), (FreezeSummary{1, 2s, 2s}));
}

TEST(FreezeDetectorTest, AJumpIsNoFreeze) {
  FreezeDetector detector;
  detector.add(MediaTime(0s), MediaTime(0s), Timestamp(1s), kPicture);
  detector.end(Timestamp(1s + kPicture));
  detector.add(MediaTime(0s), MediaTime(0s), Timestamp(3s), kPicture);

  EXPECT_EQ(detector.summary().count, 0u);
}

}  // namespace
}  // namespace mayfly
