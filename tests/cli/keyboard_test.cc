#include "cli/keyboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(KeyDecoderTest, UnderstandsTheKeysAViewerUses) {
  KeyDecoder decoder;

  EXPECT_THAT(
      decoder.decode(" p\x1b[D\x1b[Cq"),
      ElementsAre(Key::TogglePause, Key::TogglePause, Key::SeekBack, Key::SeekForward, Key::Quit));
}

TEST(KeyDecoderTest, UnderstandsAnArrowThatIsCutInTwo) {
  KeyDecoder decoder;

  EXPECT_THAT(decoder.decode("\x1b["), IsEmpty());
  EXPECT_THAT(decoder.decode("D"), ElementsAre(Key::SeekBack));
}

TEST(KeyDecoderTest, PassesOverWhatItDoesNotKnow) {
  KeyDecoder decoder;

  EXPECT_THAT(decoder.decode("x\x1b[Ay\x1bz"), IsEmpty());
}

}  // namespace
}  // namespace mayfly
