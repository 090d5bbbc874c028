#include "emulator/link_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace mayfly {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

LinkReport a_report() {
  LinkReport report;
  report.path = parse_path_model("loss=2%,rate=4Mbit/s,seed=7").value();
  report.length = 10s;
  report.up = {.offered = 1'000'000'000,
               .lost = 20'000,
               .queue_full = 4'000'000,
               .delivered = 900'000'000,
               .under_way = 11,
               .bytes_delivered = 5'000'000,
               .longest_queued = 300ms,
               .total_queued = 996'000'000 * 50ms};
  return report;
}

TEST(LinkReportTest, ShowsBothDirectionsWithin80Columns) {
  const std::string text = to_text(a_report());

  EXPECT_THAT(text, AllOf(HasSubstr("link loss=2%,rate=4Mbit/s,seed=7, 10.0 s\n"),
                          HasSubstr("\nup "), HasSubstr("\ndown ")));
  EXPECT_THAT(text, AllOf(HasSubstr(" 4.000 "), HasSubstr(" 50.0 "), HasSubstr(" 300.0\n")));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(LinkReportTest, SaysWhatWentWrongOnlyWhereSomethingDid) {
  LinkReport report = a_report();
  EXPECT_THAT(to_text(report), Not(HasSubstr("before the link")));

  report.overrun = 12;
  report.refused = 3;
  report.down.no_room = 4;
  report.down.duplicated = 5;

  EXPECT_THAT(to_text(report), AllOf(HasSubstr("12 packets were lost before the link"),
                                     HasSubstr("3 delivered packets found the interface"),
                                     HasSubstr("4 packets were dropped because 64MiB"),
                                     HasSubstr("5 second copies")));
}

TEST(LinkReportTest, DividesByNothingOnALinkThatCarriedNothing) {
  EXPECT_THAT(to_text(LinkReport{}), HasSubstr(" 0.0      0.0\n"));
}

}  // namespace
}  // namespace mayfly
