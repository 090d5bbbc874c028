#include "emulator/packet_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace mayfly {
namespace {

using testing::HasSubstr;

TEST(PacketLogTest, ALineHasAllColumns) {
  EXPECT_EQ(packet_log_line(LinkDirection::Up, {.time = 1042us,
                                                .bytes = 84,
                                                .fate = PacketFate::Delivered,
                                                .queued = 168us,
                                                .arrival = 51210us}),
            "1042 up 84 delivered 168 51210\n");
}

TEST(PacketLogTest, WhatDoesNotApplyIsADash) {
  EXPECT_EQ(
      packet_log_line(LinkDirection::Down,
                      {.time = 7us, .bytes = 1500, .fate = PacketFate::Lost, .queued = 3000us}),
      "7 down 1500 lost 3000 -\n");
  EXPECT_EQ(packet_log_line(LinkDirection::Down,
                            {.time = 7us, .bytes = 1500, .fate = PacketFate::QueueFull}),
            "7 down 1500 queue-full - -\n");
}

TEST(PacketLogTest, TheFileBeginsWithHowItWasMade) {
  const std::string file =
      (std::filesystem::path(testing::TempDir()) / "packet_log_test.log").string();
  const PathModel path = parse_path_model("loss=2%,seed=7").value();
  auto log = PacketLog::create(file, packet_log_header(path, "mayfly link loss=2%,seed=7 -- true"));
  ASSERT_TRUE(log) << log.error().message;

  (*log)->add(LinkDirection::Up, {.time = 1us, .bytes = 40, .fate = PacketFate::Lost});
  ASSERT_TRUE((*log)->finish());

  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), std::string("# mayfly ") + MAYFLY_VERSION +
                            " link log 1\n"
                            "# command: mayfly link loss=2%,seed=7 -- true\n"
                            "# link: loss=2%,seed=7\n"
                            "# time_us direction bytes fate queued_us arrival_us\n"
                            "1 up 40 lost 0 -\n");
  std::filesystem::remove(file);
}

TEST(PacketLogTest, ACommandOfSeveralLinesStaysOneInTheHeader) {
  EXPECT_THAT(packet_log_header(PathModel{}, "mayfly link -- sh -c true\nfalse"),
              HasSubstr("\n# command: mayfly link -- sh -c true false\n# link: "));
}

TEST(PacketLogTest, AFullDiskIsTold) {
  auto log = PacketLog::create("/dev/full", "# header\n");
  ASSERT_TRUE(log) << log.error().message;
  const Result<void> written = (*log)->finish();

  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("/dev/full: No space left"));
}

TEST(PacketLogTest, AFolderThatIsNotThereIsTold) {
  const auto log = PacketLog::create("/nowhere/link.log", "");

  ASSERT_FALSE(log);
  EXPECT_THAT(log.error().message, HasSubstr("/nowhere/link.log: No such file"));
}

}  // namespace
}  // namespace mayfly
