#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/architecture/tidy_rules.h"

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Problems problems_of(const std::string& path, const std::string& text) {
  return tidy_problems(source_file(path, text));
}

TEST(TidyTest, HoldsInTheWholeTree) {
  const auto files = read_tree(MAYFLY_SOURCE_ROOT);
  ASSERT_GT(files.size(), 50U) << "is " << MAYFLY_SOURCE_ROOT << " the repository?";
  for (const SourceFile& file : files) EXPECT_THAT(tidy_problems(file), IsEmpty());
}

TEST(TidyTest, LetsATidyHeaderBe) {
  EXPECT_THAT(problems_of("core/x.h", "#pragma once\n\nint hackneyed_todos();\n"), IsEmpty());
}

TEST(TidyTest, FindsWordsThatMarkUnfinishedWork) {
  for (const std::string word : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME",
                                 "XX"
                                 "X",
                                 "HA"
                                 "CK"}) {
    EXPECT_THAT(problems_of("core/x.cc", "int x;  // " + word + "(me): later\n"),
                ElementsAre(HasSubstr("core/x.cc:1: " + word)));
    EXPECT_THAT(problems_of("docs/X.md", "- " + word + "\n"), ElementsAre(HasSubstr(word)));
  }
}

TEST(TidyTest, FindsTestsThatSleep) {
  const std::string sleeps =
      "std::this_thread::sleep"
      "_for(2s);\n";

  EXPECT_THAT(problems_of("tests/server/x_test.cc", sleeps),
              ElementsAre(HasSubstr("a test waits")));
  EXPECT_THAT(problems_of("cli/x.cc", sleeps), IsEmpty());
}

TEST(TidyTest, FindsTheClockReadOutsideItsFile) {
  for (const std::string clock : {"system", "steady", "high_resolution"}) {
    const std::string reads = "auto now = std::chrono::" + clock + "_clock::" + "now();\n";
    EXPECT_THAT(problems_of("server/x.cc", reads), ElementsAre(HasSubstr("reads the clock")));
    EXPECT_THAT(problems_of("core/clock.cc", reads), IsEmpty());
  }
}

TEST(TidyTest, FindsHeadersWithoutPragmaOnce) {
  EXPECT_THAT(problems_of("core/x.h", "int x();\n"), ElementsAre(HasSubstr("lacks #pragma once")));
}

TEST(TidyTest, FindsLinesThatAreTooWide) {
  EXPECT_THAT(problems_of("core/x.cc", std::string(100, 'x') + "\n"), IsEmpty());
  EXPECT_THAT(problems_of("core/x.cc", std::string(101, 'x') + "\n"),
              ElementsAre(HasSubstr("101 columns")));
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\u00fc";
  EXPECT_THAT(problems_of("core/x.cc", umlauts + "\n"), IsEmpty());
}

TEST(TidyTest, FindsFilesThatAreTooLong) {
  std::string text;
  for (size_t i = 0; i < kMaxLines; ++i) text += "int x;\n";

  EXPECT_THAT(problems_of("core/x.cc", text), IsEmpty());
  EXPECT_THAT(problems_of("core/x.cc", text + "int x;\n"), ElementsAre(HasSubstr("501 lines")));
}

}  // namespace
}  // namespace mayfly
