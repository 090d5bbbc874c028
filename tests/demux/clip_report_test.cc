#include "demux/clip_report.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "demux/synthetic_source.h"

namespace mayfly {
namespace {

ClipReport report_of(SyntheticShape shape) {
  SyntheticSource source(std::move(shape));
  return report_on(source, "made.clip", "synthetic", {});
}

TEST(ClipReportTest, NamesTheUsualGopAndCountsOpenOnes) {
  const auto closed = gops_of(report_of({.pattern = "IPBB", .pictures = 18}));
  const auto open = gops_of(report_of({.pattern = "IBPB", .pictures = 16}));

  EXPECT_EQ(closed.pattern, "IPBB");
  EXPECT_EQ(closed.count, 5U);
  EXPECT_EQ(closed.shortest, 2U);
  EXPECT_EQ(closed.open, 0U);
  EXPECT_EQ(open.open, 3U);  // the first has nothing before it
}

TEST(ClipReportTest, PutsEveryFrameAndTheSharesIntoOneDocument) {
  const auto report = report_of({.frame_rate = {10, 1},
                                 .pattern = "IPP",
                                 .i_bytes = 600,
                                 .p_bytes = 200,
                                 .pictures = 30,
                                 .with_audio = true});

  const auto json = to_json(report);

  EXPECT_EQ(json["file"], "made.clip");
  EXPECT_EQ(json["tracks"].size(), 2U);
  EXPECT_EQ(json["frames"].size(), report.frames.size());
  EXPECT_EQ(json["frames"][0]["type"], "I");
  EXPECT_EQ(json["frames"][0]["class"], "i");
  EXPECT_TRUE(std::any_of(json["frames"].begin(), json["frames"].end(), [](const auto& frame) {
    return frame["class"] == "audio" && frame["type"].is_null();
  }));
  const auto& classes = json["summary"]["classes"];
  EXPECT_EQ(classes["i"]["frames"], 10);
  EXPECT_EQ(classes["i"]["bytes"], 6000);
  EXPECT_EQ(json["summary"]["n_i"], 10);
  double shares = 0;
  for (const auto& each : classes) shares += each["share"].get<double>();
  EXPECT_NEAR(shares, 1.0, 1e-9);
  EXPECT_FALSE(json.contains("damage"));
}

TEST(ClipReportTest, FitsATerminalOfEightyColumns) {
  std::istringstream text(to_text(report_of({.pictures = 300, .with_audio = true})));

  for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 80U) << line;
}

}  // namespace
}  // namespace mayfly
