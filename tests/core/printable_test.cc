#include "core/printable.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

TEST(PrintableTest, WhatATerminalObeysBecomesAQuestionMark) {
  EXPECT_EQ(printable("a\nb\x1b[2Jc\x7f"), "a?b?[2Jc?");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "2J"),
            "a?2J");                               // CSI in one code point
  EXPECT_EQ(printable("\xc2\x85\xc2\x85"), "??");  // two of them
  EXPECT_EQ(printable("caf\xc3\xa9 \xc2\xa0"), "caf\xc3\xa9 \xc2\xa0");
  EXPECT_EQ(printable("\xc2"), "\xc2");
}

TEST(PrintableTest, IsCutWhereItIsToo) { EXPECT_EQ(printable("abcdef", 3), "abc"); }

TEST(PrintableTest, AQuotedFieldHoldsNoQuote) {
  EXPECT_EQ(in_quotes("x\" player=7 why=\"y\n"), "\"x' player=7 why='y?\"");
}

}  // namespace
}  // namespace mayfly
