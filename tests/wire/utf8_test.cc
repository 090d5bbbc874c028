#include "wire/utf8.h"

#include <gtest/gtest.h>

namespace mayfly::wire {
namespace {

TEST(ValidUtf8Test, KeepsWhatIsWellFormed) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xac";

  EXPECT_EQ(valid_utf8(text, 100), text);
}

TEST(ValidUtf8Test, ReplacesLoneOverlongSurrogateAndTooLargeSequences) {
  EXPECT_EQ(valid_utf8("\xff", 100), "?");
  EXPECT_EQ(valid_utf8("a\xc3", 100), "a?");
  EXPECT_EQ(valid_utf8("\xc0\xaf", 100), "??");
  EXPECT_EQ(valid_utf8("\xed\xa0\x80", 100), "???");
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80", 100), "????");
  EXPECT_EQ(valid_utf8("\xe2\x28\xa1", 100), "?(?");
}

TEST(ValidUtf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(valid_utf8("a\xe2\x82\xac", 3), "a");
  EXPECT_EQ(valid_utf8("a\xe2\x82\xac", 4), "a\xe2\x82\xac");
}

}  // namespace
}  // namespace mayfly::wire
