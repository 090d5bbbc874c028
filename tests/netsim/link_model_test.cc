#include "netsim/link_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace mayfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

PathModel parsed(std::string_view spec) {
  const auto path = parse_path_model(spec);
  EXPECT_TRUE(path.has_value()) << path.error().message;
  return path.value_or(PathModel{});
}

std::string mistakes_of(std::string_view spec) {
  const auto path = parse_path_model(spec);
  EXPECT_FALSE(path.has_value()) << spec;
  if (path) return "";
  EXPECT_EQ(path.error().code, ErrorCode::InvalidArgument);
  return path.error().message;
}

TEST(PathModelTest, TakesKeysForBothDirections) {
  const PathModel path = parsed("loss=3%,delay=20ms,rate=4Mbit/s,queue=100ms,jitter=5ms,seed=7");

  const LinkModel link{.loss = BernoulliLoss{0.03},
                       .delay = 20ms,
                       .jitter = 5ms,
                       .capacity = DataRate::bits_per_second(4'000'000),
                       .queue = 100ms};
  EXPECT_EQ(path, (PathModel{.up = link, .down = link, .seed = 7}));
}

TEST(PathModelTest, PutsWhatIsSaidOfOneDirectionFirst) {
  const PathModel path = parsed("down.delay=30ms, delay=20ms, up.loss=1%");

  EXPECT_EQ(path.up, (LinkModel{.loss = BernoulliLoss{0.01}, .delay = 20ms}));
  EXPECT_EQ(path.down, (LinkModel{.delay = 30ms}));
}

TEST(PathModelTest, ReplacesARateByATraceAndALossByAPatternOfOneDirection) {
  const PathModel path = parsed("rate=4Mbit/s,down.trace=1ms+5ms,loss=2%,burst=5,up.pattern=010");

  EXPECT_EQ(path.up.capacity, LinkModel{.capacity = DataRate::bits_per_second(4'000'000)}.capacity);
  EXPECT_EQ(std::get<CapacityTrace>(path.down.capacity).opportunities,
            (std::vector<Duration>{1ms, 5ms}));
  EXPECT_EQ(path.up.loss, LossModel(PatternLoss{{false, true, false}}));
  EXPECT_EQ(path.down.loss, LossModel(GilbertElliottLoss{.mean = 0.02, .burst_packets = 5}));
}

TEST(PathModelTest, TellsBurstsInPacketsFromBurstsInTime) {
  EXPECT_EQ(parsed("loss=3%,burst=2.5").up.loss,
            LossModel(GilbertElliottLoss{.mean = 0.03, .burst_packets = 2.5}));
  EXPECT_EQ(parsed("loss=3%,burst=20ms").up.loss,
            LossModel(FadingLoss{.mean = 0.03, .burst = 20ms}));
  EXPECT_EQ(parsed("loss=3%,burst=9,loss_in_bad=50%,loss_in_good=1%").up.loss,
            LossModel(GilbertElliottLoss{
                .mean = 0.03, .burst_packets = 9, .loss_in_bad = 0.5, .loss_in_good = 0.01}));
}

TEST(PathModelTest, TakesOutagesDuplicatesAndReordering) {
  const PathModel path = parsed("outage=10s+400ms/25s+400ms,duplicate=1%,reorder=on,jitter=3ms");

  EXPECT_EQ(path.up, (LinkModel{.jitter = 3ms,
                                .reorder = true,
                                .duplicate = 0.01,
                                .outages = {{10s, 400ms}, {25s, 400ms}}}));
}

TEST(PathModelTest, TakesAnEmptyTextForAPerfectPath) {
  EXPECT_EQ(parsed(""), PathModel{});
  EXPECT_EQ(parsed("  "), PathModel{});
  EXPECT_EQ(to_text(PathModel{}), "seed=1");
}

TEST(PathModelTest, PrintsWhatBothDirectionsShareOnce) {
  EXPECT_EQ(to_text(parsed("seed=9,down.loss=1%,up.loss=0.25%,delay=20ms")),
            "up.loss=0.25%,delay=20ms,down.loss=1%,seed=9");
}

TEST(PathModelTest, ReadsATraceFileAndNamesItInItsText) {
  const std::string file = testing::TempDir() + "mayfly_path_model_trace";
  std::ofstream(file) << "1\n5\n5\n";

  const PathModel path = parsed("down.trace=" + file);

  EXPECT_EQ(std::get<CapacityTrace>(path.down.capacity).opportunities,
            (std::vector<Duration>{1ms, 5ms, 5ms}));
  EXPECT_EQ(to_text(path), "down.trace=" + file + ",seed=1");
  EXPECT_EQ(parsed(to_text(path)), path);
}

TEST(PathModelTest, TellsAllMistakesInOneError) {
  EXPECT_THAT(mistakes_of("los=3%,delay=20,rate=fast,seed=x,jitter"),
              AllOf(HasSubstr("\"los\" is not a key; there are loss, burst"),
                    HasSubstr("delay: \"20\" is not a duration like"),
                    HasSubstr("rate: \"fast\" is not a rate like"),
                    HasSubstr("seed: \"x\" is not a whole number"),
                    HasSubstr("\"jitter\" is not of the form key=value")));
}

TEST(PathModelTest, TellsAMistakeInBothDirectionsOnce) {
  const std::string message = mistakes_of("delay=20");

  EXPECT_EQ(message.find("delay: "), message.rfind("delay: "));
}

struct BadSpec {
  const char* spec;
  const char* says;
};
void PrintTo(const BadSpec& bad, std::ostream* out) { *out << bad.spec; }

class BadSpecTest : public testing::TestWithParam<BadSpec> {};

TEST_P(BadSpecTest, IsRefusedWithTheReason) {
  EXPECT_THAT(mistakes_of(GetParam().spec), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSpecTest,
    testing::Values(
        BadSpec{"loss=3", "loss: \"3\" is not a percentage"},
        BadSpec{"loss=101%", "is not a percentage"}, BadSpec{"loss=-1%", "is not a percentage"},
        BadSpec{"loss=nan%", "is not a percentage"},
        BadSpec{"loss=1%,loss=2%", "loss is given twice"},
        BadSpec{"up.loss=1%,up.loss=2%", "up.loss is given twice"},
        BadSpec{"burst=5", "burst: needs loss"}, BadSpec{"loss_in_bad=50%", "needs loss"},
        BadSpec{"loss=1%,loss_in_bad=50%", "loss_in_bad: needs burst"},
        BadSpec{"loss=1%,burst=20ms,loss_in_bad=50%", "goes with a burst in packets only"},
        BadSpec{"loss=1%,burst=0.5", "burst: must be at least 1 packet"},
        BadSpec{"loss=1%,burst=-3", "burst: must be at least 1 packet"},
        BadSpec{"loss=1%,burst=0ms", "burst: must be at least 100us"},
        BadSpec{"delay=4000000s", "delay: must not be longer than 3600000s"},
        BadSpec{"loss=1%,burst=many", "neither a number of packets"},
        BadSpec{"loss=80%,burst=2", "burst: must be at least 4 packets at this loss"},
        BadSpec{"loss=60%,burst=5,loss_in_bad=50%", "must lie between loss_in_good"},
        BadSpec{"loss=1%,burst=5,loss_in_good=2%", "must lie between loss_in_good"},
        BadSpec{"pattern=", "is not a row of 0"}, BadSpec{"pattern=012", "is not a row of 0"},
        BadSpec{"pattern=01,loss=1%", "pattern: cannot stand beside loss"},
        BadSpec{"reorder=yes", "reorder: \"yes\" is not on or off"},
        BadSpec{"rate=0bit/s", "rate: must not be 0"}, BadSpec{"rate=4", "is not a rate"},
        BadSpec{"rate=1Mbit/s,trace=1ms", "trace: cannot stand beside rate"},
        BadSpec{"trace=/nonexistent/trace", "trace: trace /nonexistent/trace: No such file"},
        BadSpec{"trace=/", "trace: trace /: Is a directory"},
        BadSpec{"trace=5ms+1ms", "times must ascend"}, BadSpec{"trace=0ms", "end later than 0"},
        BadSpec{"outage=10s", "is not a beginning and a length"},
        BadSpec{"outage=10s+0ms", "is not a beginning and a length"},
        BadSpec{"outage=10s+", "is not a beginning and a length"},
        BadSpec{"outage=1s+1s/", "is not a beginning and a length"},
        BadSpec{"seed=-1", "is not a whole number"},
        BadSpec{"up.seed=1", "\"up.seed\" is not a key"},
        BadSpec{"seed=99999999999999999999", "is not a whole number"},
        BadSpec{",", "is not of the form key=value"}, BadSpec{"=", "\"\" is not a key"}));

}  // namespace
}  // namespace mayfly
