#include "core/bytes.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

TEST(BytesTest, ReadsBackWhatWasWritten) {
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.u8(1);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  writer.i64(-2);

  ByteReader reader(bytes);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0x04050607U);
  EXPECT_EQ(reader.i64(), -2);
  EXPECT_FALSE(reader.failed());
  EXPECT_TRUE(reader.rest().empty());
}

TEST(BytesTest, WritesTheMostSignificantByteFirst) {
  Bytes bytes;
  ByteWriter(bytes).u32(0x01020304);

  EXPECT_EQ(as_text(bytes), "\x01\x02\x03\x04");
}

TEST(BytesTest, FailsForGoodAfterReadingPastTheEnd) {
  ByteReader reader(as_bytes("abc"));

  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.rest().empty());
}

}  // namespace
}  // namespace mayfly
