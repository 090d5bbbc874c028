#include "demux/container_watch.h"

#include <gmock/gmock.h>

#include <string>

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr auto kWell = std::nullopt;

// A transport packet of 188 bytes.
struct TsPacket {
  uint16_t pid = 0x100;
  uint8_t counter = 0;
  bool starts_unit = false;
  bool has_payload = true;
  bool may_jump = false;
  bool is_broken = false;

  [[nodiscard]] std::string bytes() const {
    std::string packet(188, '\xff');
    packet[0] = '\x47';
    packet[1] = static_cast<char>((is_broken ? 0x80 : 0) | (starts_unit ? 0x40 : 0) | pid >> 8U);
    packet[2] = static_cast<char>(pid & 0xffU);
    packet[3] = static_cast<char>((may_jump || !has_payload ? 0x20 : 0) | (has_payload ? 0x10 : 0) |
                                  counter);
    packet[4] = '\x01';
    packet[5] = static_cast<char>(may_jump ? 0x80 : 0);
    return packet;
  }
};

std::string packets_from(uint8_t counter, size_t count) {
  std::string all;
  for (size_t index = 0; index < count; ++index) {
    all += TsPacket{.counter = static_cast<uint8_t>((counter + index) % 16)}.bytes();
  }
  return all;
}

// What is said of a whole file, in pieces of `step` bytes.
std::optional<std::string> verdict(std::string_view format, const std::string& file,
                                   size_t step = 100) {
  const auto watch = container_watch(format, as_bytes(file), {0x100});
  if (watch == nullptr) return "no watch";
  for (size_t at = 0; at < file.size(); at += step) {
    const std::string_view piece = std::string_view(file).substr(at, step);
    if (const auto wrong = watch->read(as_bytes(piece))) return std::string(*wrong);
  }
  const auto wrong = watch->finish();
  return wrong ? std::optional<std::string>(*wrong) : std::nullopt;
}

TEST(ContainerWatchTest, AWholeTransportStreamIsWell) {
  const std::string file = packets_from(0, 40);
  for (const size_t step : {1U, 100U, 188U, 1000U, 100'000U}) {
    EXPECT_EQ(verdict("mpegts", file, step), kWell) << step;
  }
}

TEST(ContainerWatchTest, ATransportStreamWithTimeStampsOrParityIsWell) {
  std::string stamped;
  std::string with_parity;
  for (uint8_t counter = 0; counter < 8; ++counter) {
    const std::string packet = TsPacket{.counter = counter}.bytes();
    stamped += "time" + packet;
    with_parity += packet + "sixteen of parity";
    with_parity.pop_back();
  }
  EXPECT_EQ(verdict("mpegts", stamped), kWell);
  EXPECT_EQ(verdict("mpegts", with_parity), kWell);
  EXPECT_THAT(verdict("mpegts", stamped.substr(0, 1000)), Optional(HasSubstr("cut off")));
}

TEST(ContainerWatchTest, MissingTransportPacketsAreNoticed) {
  EXPECT_THAT(verdict("mpegts", packets_from(0, 10) + packets_from(12, 10)),
              Optional(HasSubstr("missing")));
}

TEST(ContainerWatchTest, CountersMayRepeatOrPauseOrBeginAnewWhereTheyMay) {
  const std::string before = packets_from(0, 10);  // ends with counter 9
  const std::string repeated = TsPacket{.counter = 9}.bytes() + packets_from(10, 5);
  const std::string paused =
      TsPacket{.counter = 9, .has_payload = false}.bytes() + packets_from(10, 5);
  const std::string announced =
      TsPacket{.counter = 3, .may_jump = true}.bytes() + packets_from(4, 5);
  const std::string joined =
      TsPacket{.counter = 3, .starts_unit = true}.bytes() + packets_from(4, 5);
  const std::string of_others = TsPacket{.pid = 0x200, .counter = 3}.bytes() +
                                TsPacket{.pid = 0x200, .counter = 9}.bytes() + packets_from(10, 5);
  for (const std::string& after : {repeated, paused, announced, joined, of_others}) {
    EXPECT_EQ(verdict("mpegts", before + after), kWell);
  }
}

TEST(ContainerWatchTest, TornBrokenAndCutTransportPacketsAreNoticed) {
  const std::string whole = packets_from(0, 40);
  std::string zeroed = whole;
  zeroed.replace(2000, 1000, std::string(1000, '\0'));
  EXPECT_THAT(verdict("mpegts", zeroed), Optional(HasSubstr("something else")));
  EXPECT_THAT(verdict("mpegts", whole.substr(0, 2000) + whole.substr(2001)),
              Optional(HasSubstr("something else")));
  EXPECT_THAT(verdict("mpegts", whole + TsPacket{.counter = 8, .is_broken = true}.bytes()),
              Optional(HasSubstr("received broken")));
  EXPECT_THAT(verdict("mpegts", whole.substr(0, whole.size() - 1)),
              Optional(HasSubstr("last transport packet is cut off")));
}

TEST(ContainerWatchTest, AfterAJumpAnyPlaceMayBeTheFirst) {
  const std::string file = packets_from(0, 40);
  const auto watch = container_watch("mpegts", as_bytes(file), {0x100});
  EXPECT_EQ(watch->read(as_bytes(std::string_view(file).substr(0, 1000))), kWell);

  watch->jump();

  EXPECT_EQ(watch->read(as_bytes(std::string_view(file).substr(2000))), kWell);
  EXPECT_EQ(watch->finish(), kWell);
}

// Containers of chunks, each with a chunk that stands where others like it may follow.
struct Chunks {
  std::string format;
  std::string beginning;
  std::string chunk;
};

std::string text(std::string_view literal) { return std::string(literal); }

std::vector<Chunks> every_container_of_chunks() {
  using namespace std::string_view_literals;
  const std::string body(100, '\xee');
  return {
      {"mpeg", text("\0\0\1\xba\x44\0\0\0\0\0\0\0\0\xf8"sv), text("\0\0\1\xe0\0\x64"sv) + body},
      {"mpeg", text("\0\0\1\xba\x21\0\0\0\0\0\0\0"sv), text("\0\0\1\xe0\0\x64"sv) + body},
      {"avi", text("RIFF\xff\xff\0\0AVI LIST\xff\xff\0\0movi"sv), text("00dc\x63\0\0\0"sv) + body},
      {"matroska,webm",
       text("\x1a\x45\xdf\xa3\x81x"
            "\x18\x53\x80\x67\1\xff\xff\xff\xff\xff\xff\xff"
            "\x1f\x43\xb6\x75\xff"sv),
       text("\xa3\x40\x64"sv) + body},
      {"mov,mp4,m4a",
       text("\0\0\0\x0c"
            "ftypisom"sv),
       text("\0\0\0\x6cmdat"sv) + body},
  };
}

TEST(ContainerWatchTest, WholeChunksAreWell) {
  for (const Chunks& each : every_container_of_chunks()) {
    const std::string file = each.beginning + each.chunk + each.chunk;
    for (const size_t step : {1U, 7U, 1000U}) EXPECT_EQ(verdict(each.format, file, step), kWell);
  }
}

TEST(ContainerWatchTest, WhatIsNoChunkIsNoticed) {
  for (const Chunks& each : every_container_of_chunks()) {
    const std::string file = each.beginning + each.chunk.substr(0, 50) + each.chunk + each.chunk;
    EXPECT_THAT(verdict(each.format, file), Optional(HasSubstr(" than "))) << each.format;
  }
}

TEST(ContainerWatchTest, AChunkThatIsCutOffIsNoticed) {
  for (const Chunks& each : every_container_of_chunks()) {
    const std::string file = each.beginning + each.chunk;
    EXPECT_THAT(verdict(each.format, file.substr(0, file.size() - 20)),
                Optional(HasSubstr("ends in the middle")))
        << each.format;
  }
}

TEST(ContainerWatchTest, WhatNothingLooksAtCanBeSkipped) {
  const Chunks mp4 = every_container_of_chunks().back();
  const auto watch = container_watch(mp4.format, as_bytes(mp4.beginning), {});
  EXPECT_EQ(watch->read(as_bytes(mp4.beginning + mp4.chunk.substr(0, 8))), kWell);

  EXPECT_EQ(watch->skippable(), 100U);
  watch->skip(100);

  EXPECT_EQ(watch->finish(), kWell);
}

TEST(ContainerWatchTest, WhatBeginsOtherwiseIsNotWatched) {
  EXPECT_EQ(container_watch("mpegts", as_bytes("no packets"), {}), nullptr);
  EXPECT_EQ(container_watch("mpeg", as_bytes("RIFF of a video CD"), {}), nullptr);
  EXPECT_EQ(container_watch("flv", as_bytes("FLV..........."), {}), nullptr);
}

}  // namespace
}  // namespace mayfly
