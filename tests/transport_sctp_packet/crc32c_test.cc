#include "transport/sctp/packet/crc32c.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.h"
#include "tests/support/hex.h"

namespace mayfly::sctp {
namespace {

Bytes ascending(int first, int step) {
  Bytes bytes(32);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(first + step * static_cast<int>(i));
  }
  return bytes;
}

Bytes random_bytes(Random& random, size_t size) {
  Bytes bytes(size);
  std::ranges::generate(bytes, [&random] { return static_cast<std::byte>(random.bits() & 0xff); });
  return bytes;
}

struct Way {
  const char* name;
  uint32_t (*extend)(uint32_t, ByteView);
  bool (*exists)();
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

class Crc32cTest : public testing::TestWithParam<Way> {
 protected:
  void SetUp() override {
    if (!GetParam().exists()) GTEST_SKIP() << "this processor has no such instructions";
  }
  static uint32_t crc_of(ByteView bytes) { return GetParam().extend(0, bytes); }
};

// RFC 3720 B.4, which lists the bytes of each in the order of the wire: least significant first.
TEST_P(Crc32cTest, AgreesWithTheVectorsOfRfc3720) {
  EXPECT_EQ(crc_of(Bytes(32)), 0x8a9136aaU);
  EXPECT_EQ(crc_of(Bytes(32, std::byte{0xff})), 0x62a8ab43U);
  EXPECT_EQ(crc_of(ascending(0, 1)), 0x46dd794eU);
  EXPECT_EQ(crc_of(ascending(31, -1)), 0x113fdb5cU);
  EXPECT_EQ(crc_of(from_hex("01c00000 00000000 00000000 00000000 14000000 00000400"
                            "00000014 00000018 28000000 00000000 02000000 00000000")),
            0xd9963a56U);
  EXPECT_EQ(crc_of(as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc_of({}), 0U);
}

// Byte by byte and bit by bit, as appendix A of RFC 9260 defines it: slow, and sure.
uint32_t by_definition(ByteView bytes) {
  uint32_t remainder = 0xffff'ffff;
  for (const std::byte byte : bytes) {
    remainder ^= std::to_integer<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 1) != 0 ? remainder >> 1 ^ 0x82f6'3b78U : remainder >> 1;
    }
  }
  return ~remainder;
}

// All lengths that a block, a row of three of them and what is left over can have: the longest row
// is 1152 bytes.
TEST_P(Crc32cTest, AgreesWithItsDefinitionForEveryLength) {
  Random random(3720);
  const Bytes bytes = random_bytes(random, 2600);
  for (size_t length = 0; length <= bytes.size(); ++length) {
    ASSERT_EQ(crc_of(ByteView(bytes).first(length)), by_definition(ByteView(bytes).first(length)))
        << length << " bytes";
  }
}

TEST_P(Crc32cTest, DoesNotCareWhereTheBytesLie) {
  Random random(9260);
  const Bytes bytes = random_bytes(random, 1500);
  const uint32_t expected = crc_of(bytes);
  for (size_t offset = 1; offset < 16; ++offset) {
    Bytes moved(offset);
    moved.insert(moved.end(), bytes.begin(), bytes.end());
    EXPECT_EQ(crc_of(ByteView(moved).subspan(offset)), expected);
  }
}

TEST_P(Crc32cTest, GoesOnWhereItEnded) {
  Random random(1);
  for (int i = 0; i < 300; ++i) {
    const Bytes bytes = random_bytes(random, random.between(0, 4000));
    const size_t cut = random.between(0, bytes.size());
    const uint32_t first = crc_of(ByteView(bytes).first(cut));
    ASSERT_EQ(GetParam().extend(first, ByteView(bytes).subspan(cut)), crc_of(bytes));
  }
}

INSTANTIATE_TEST_SUITE_P(
    BothWays, Crc32cTest,
    testing::Values(Way{"Portable", extend_crc32c_portably, [] { return true; }},
                    Way{"Instructions", extend_crc32c_by_instructions, has_crc32c_instructions},
                    Way{"Chosen", extend_crc32c, [] { return true; }}),
    [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace mayfly::sctp
