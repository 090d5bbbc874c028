#include "demux/ts_scanner.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mayfly {
namespace {

struct Packet {
  uint16_t pid = 0x100;
  uint8_t counter = 0;
  bool has_payload = true;
  bool announces_jump = false;
  bool in_error = false;
};

void append(Bytes& stream, const Packet& packet) {
  Bytes bytes(188, std::byte{0x55});
  const unsigned field = packet.announces_jump ? 0x20U : 0U;
  bytes[0] = std::byte{0x47};
  bytes[1] = static_cast<std::byte>((packet.in_error ? 0x80U : 0U) | packet.pid >> 8U);
  bytes[2] = static_cast<std::byte>(packet.pid & 0xffU);
  bytes[3] = static_cast<std::byte>(field | (packet.has_payload ? 0x10U : 0U) | packet.counter);
  bytes[4] = std::byte{7};
  bytes[5] = packet.announces_jump ? std::byte{0x80} : std::byte{0};
  stream.insert(stream.end(), bytes.begin(), bytes.end());
}

// `count` packets of a PID whose counters follow one another.
Bytes run_of(size_t count, uint16_t pid = 0x100, uint8_t first = 0) {
  Bytes stream;
  for (size_t i = 0; i < count; ++i) {
    append(stream, {.pid = pid, .counter = static_cast<uint8_t>((first + i) & 0x0fU)});
  }
  return stream;
}

TsFigures figures_of(const Bytes& stream) {
  TsScanner scanner;
  scanner.add(stream);
  return scanner.figures();
}

TEST(TsScannerTest, CountsPacketsHoweverTheStreamIsCut) {
  const Bytes stream = run_of(40);
  for (const size_t step : {size_t{1}, size_t{187}, size_t{188}, size_t{1316}, size_t{32768}}) {
    TsScanner scanner;
    for (size_t at = 0; at < stream.size(); at += step) {
      scanner.add(ByteView(stream).subspan(at, std::min(step, stream.size() - at)));
    }
    EXPECT_EQ(scanner.figures(), (TsFigures{.packets = 40})) << step;
    EXPECT_EQ(scanner.incomplete_bytes(), 0U);
    scanner.add(ByteView(stream).first(100));
    EXPECT_EQ(scanner.incomplete_bytes(), 100U);
  }
}

TEST(TsScannerTest, AMissingPacketIsAGapInItsPidAlone) {
  Bytes stream = run_of(10);
  const Bytes other = run_of(20, 0x101);
  stream.insert(stream.end(), other.begin(), other.end());
  const Bytes rest = run_of(10, 0x100, 13);  // 10, 11 and 12 are missing
  stream.insert(stream.end(), rest.begin(), rest.end());

  EXPECT_EQ(figures_of(stream), (TsFigures{.packets = 40, .gaps = 1}));
}

TEST(TsScannerTest, WhatTheStandardAllowsIsNoGap) {
  Bytes stream = run_of(5);
  append(stream, {.counter = 4});                        // sent twice
  append(stream, {.counter = 4, .has_payload = false});  // does not count on
  append(stream, {.pid = 0x1fff, .counter = 9});         // stuffing has no order
  append(stream, {.pid = 0x1fff, .counter = 3});
  append(stream, {.counter = 5});
  append(stream, {.counter = 12, .announces_jump = true});
  append(stream, {.counter = 13});
  EXPECT_EQ(figures_of(stream), (TsFigures{.packets = 12}));

  append(stream, {.counter = 3, .in_error = true});  // nothing it says is trusted
  append(stream, {.counter = 14});
  EXPECT_EQ(figures_of(stream), (TsFigures{.packets = 14, .damaged = 1}));
}

TEST(TsScannerTest, FindsItsStepAgainAfterBytesThatBelongToNoPacket) {
  Bytes stream(77, std::byte{0x47});  // looks like the beginning of packets, and is none
  const Bytes before = run_of(10);
  stream.insert(stream.end(), before.begin(), before.end());
  stream.insert(stream.end(), 33, std::byte{0});
  const Bytes after = run_of(10, 0x100, 10);
  stream.insert(stream.end(), after.begin(), after.end());

  EXPECT_EQ(figures_of(stream), (TsFigures{.packets = 20, .foreign_bytes = 77 + 33}));
}

TEST(TsScannerTest, KnowsWhatIsNoTransportStreamAndKeepsLittleOfIt) {
  TsScanner scanner;
  const Bytes text(1000, std::byte{'x'});
  for (int i = 0; i < 64; ++i) {
    EXPECT_FALSE(scanner.is_foreign());
    scanner.add(text);
  }
  for (int i = 0; i < 4; ++i) scanner.add(text);

  EXPECT_TRUE(scanner.is_foreign());
  EXPECT_EQ(scanner.figures().packets, 0U);
}

}  // namespace
}  // namespace mayfly
