// The bounds and the udp row against what can be computed by hand.

#include "lab/closed_forms.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "demux/libav/libav_source.h"
#include "lab/bounds.h"
#include "lab/default_clip.h"
#include "lab/send_once.h"
#include "lab/verdict.h"
#include "tests/lab/traces.h"

namespace mayfly {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Sample {
  double mean = 0;
  double standard_error = 0;
};

Sample sample_of(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double each : values) {
    sum += each;
    squares += each * each;
  }
  const auto count = static_cast<double>(values.size());
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(squares / count - mean * mean, 0.0) / (count - 1))};
}

Cell lossy_cell(double loss, Duration rtt, Duration delay) {
  return {.id = "test",
          .name = "test",
          .purpose = "",
          .loss = BernoulliLoss{loss},
          .rtt = rtt,
          .playout_delay = delay};
}

double udp_q(const ClipTrace& clip, const Cell& cell, uint64_t seed) {
  const Link link = forward_link(cell, clip.media_rate(), seed, clip.length(), Timestamp{});
  return judge(clip, send_once(clip, link, Repair::None), cell.playout_delay).q();
}

// R1: bare UDP is the closed form on the frame sizes.
TEST(ClosedFormsTest, TheUdpRowIsWithinThreeStandardErrorsOfTheClosedForm) {
  const ClipTrace clip = trace_of(street_shape(500));
  for (const double loss : {0.001, 0.005, 0.01, 0.02, 0.05, 0.1}) {
    std::vector<double> values;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      values.push_back(udp_q(clip, lossy_cell(loss, 100ms, 400ms), seed));
    }
    const Sample measured = sample_of(values);

    EXPECT_NEAR(measured.mean, expected_udp_q(clip, loss), 3 * measured.standard_error)
        << "loss " << loss;
    EXPECT_LT(measured.standard_error, 0.02);
  }
}

// R1 on the clip itself, as it was computed elsewhere from the sizes of its frames.
TEST(ClosedFormsTest, BareUdpOnTheStreetClipIsAsPublished) {
  const std::string folder =
      std::filesystem::temp_directory_path() / ("mayfly-lab-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto made = default_clip(folder, 40);
  if (!made || !made->notice.empty()) {
    std::filesystem::remove_all(folder);
    GTEST_SKIP() << (made ? made->notice : made.error().message);
  }
  const auto source = LibavSource::open(made->path);
  ASSERT_TRUE(source);
  const auto clip = read_clip_trace(**source, "street", 40s);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(clip);

  EXPECT_EQ(clip->size(), 1000U);
  const std::pair<double, double> published[] = {{0.001, 0.947}, {0.005, 0.760}, {0.01, 0.577},
                                                 {0.02, 0.333},  {0.05, 0.064},  {0.1, 0.004}};
  for (const auto& [loss, q] : published) {
    EXPECT_NEAR(expected_udp_q(*clip, loss), q, 0.005) << "loss " << loss;
  }
}

// R7: 44 packets survive Gilbert bursts with (1 - loss) (1 - p')^43, p' = loss / (1 - loss) /
// burst.
TEST(ClosedFormsTest, LargeFramesSurviveBurstsAsTheGilbertModelSays) {
  SyntheticShape shape;
  shape.pattern = "I";
  shape.i_bytes = 44 * kPacketPayloadBytes;
  shape.pictures = 6000;
  const ClipTrace clip = trace_of(shape);
  const std::pair<double, double> published[] = {
      {1, 0.105}, {2, 0.302}, {5, 0.603}, {10, 0.757}, {20, 0.848}};
  for (const auto& [burst, survival] : published) {
    Cell cell = lossy_cell(0.05, 100ms, 400ms);
    cell.capacity = DataRate::bits_per_second(100'000'000);
    if (burst > 1) cell.loss = GilbertElliottLoss{0.05, burst};

    const double enters = 0.05 / 0.95 / burst;
    if (burst > 1) {
      EXPECT_NEAR(0.95 * std::pow(1 - enters, 43), survival, 0.001);
    }
    // Frames are not independent, but a burst rarely reaches into a second one: at a share of .6
    // three standard errors among 6000 are .019.
    EXPECT_NEAR(udp_q(clip, cell, 3), survival, 0.025) << "burst " << burst;
  }
}

// 4.1: the product of 1 - p^K over the packets of a frame and of all it needs.
TEST(ClosedFormsTest, IdealArqOnTheChannelIsWithinThreeStandardErrorsOfItsFormula) {
  const ClipTrace clip = trace_of(street_shape(500));
  const DataRate capacity = DataRate::bits_per_second(10'000'000);
  for (const auto& [loss, delay] : {std::pair{0.05, 250ms}, {0.1, 250ms}, {0.1, 360ms}}) {
    std::vector<double> values;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      values.push_back(bounds_of(clip, lossy_cell(loss, 100ms, delay), seed).ideal_arq);
    }
    const Sample measured = sample_of(values);
    const double expected = expected_arq_q(clip, loss, 100ms, delay, capacity);

    EXPECT_NEAR(measured.mean, expected, 3 * measured.standard_error) << loss;
    EXPECT_LT(expected, 0.99) << "nothing is shown by a bound of 1";
    EXPECT_LT(measured.standard_error, 0.02);
  }
}

TEST(ClosedFormsTest, AttemptsAreTheRoundsThatFitBeforeTheDeadline) {
  EXPECT_EQ(attempts(350ms, 50ms, 0ms, 100ms), 4);  // 1 + floor(300 / 100)
  EXPECT_EQ(attempts(350ms, 50ms, 1ms, 100ms), 3);
  EXPECT_EQ(attempts(100ms, 50ms, 50ms, 100ms), 1);
  EXPECT_EQ(attempts(100ms, 50ms, 51ms, 100ms), 0);
}

// At MSS 1252, the values of the table of ceilings.
TEST(ClosedFormsTest, TheCongestionControlCeilingIsMathis) {
  const auto ceiling = [](double loss, Duration rtt) {
    return static_cast<double>(mathis_ceiling(loss, rtt, 1252, 1)->bits_per_second()) / 1e6;
  };
  EXPECT_NEAR(ceiling(0.02, 100ms), 0.87, 0.005);
  EXPECT_NEAR(ceiling(0.01, 40ms), 3.1, 0.05);
  EXPECT_NEAR(ceiling(0.05, 20ms), 2.7, 0.05);
  EXPECT_FALSE(mathis_ceiling(0, 100ms, 1252, 1));
}

TEST(ClosedFormsTest, WarnsOfKnifeEdgesAndOfIFramesThatCannotBeInTime) {
  const ClipTrace clip = trace_of(street_shape(100));
  EXPECT_THAT(warnings_of(lossy_cell(0.05, 100ms, 400ms), clip), IsEmpty());
  EXPECT_THAT(warnings_of(lossy_cell(0.05, 100ms, 350ms), clip),
              Contains(HasSubstr("knife edge: D leaves 3.00 recovery rounds")));
  Cell narrow = lossy_cell(0, 100ms, 350ms);
  narrow.capacity = DataRate::bits_per_second(1'200'000);
  EXPECT_THAT(warnings_of(narrow, clip), Contains(HasSubstr("takes 352 ms at 1200kbit/s")));
}

TEST(ClosedFormsTest, BoundsStandInTheirOrder) {
  const ClipTrace clip = trace_of(street_shape(300));
  for (const Cell& cell : quick_cells()) {
    const Bounds bounds = bounds_of(clip, cell, 4);
    EXPECT_LE(bounds.floor, bounds.oracle) << cell.id;
    EXPECT_LE(bounds.floor, bounds.ideal_arq) << cell.id;
    EXPECT_LE(bounds.fec_20, bounds.oracle) << cell.id;
    if (cell.id == "Q0") {
      EXPECT_EQ(bounds, (Bounds{1, 1, 1, 1}));
    }
    if (cell.id == "Q5") {
      EXPECT_LT(bounds.oracle, 1);
    }
  }
}

}  // namespace
}  // namespace mayfly
