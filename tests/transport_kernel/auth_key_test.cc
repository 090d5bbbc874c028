#include "transport/kernel/auth_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kDigits = "00112233445566778899aabbccddeeff";

// A file that is taken away with the test.
class AuthKeyTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file_with(const std::string& content, mode_t mode = 0600) const {
    const std::string file = folder_ + "/key";
    std::ofstream(file) << content;
    EXPECT_EQ(chmod(file.c_str(), mode), 0);
    return file;
  }

  std::string folder_ = "/tmp/mayfly_key.XXXXXX";
};

TEST_F(AuthKeyTest, IsReadFromAFileOfHexadecimalDigits) {
  const auto key = AuthKey::read(file_with(kDigits + "\n"));

  ASSERT_TRUE(key) << key.error().message;
  ASSERT_EQ(key->bytes().size(), 16U);
  EXPECT_EQ(key->bytes()[1], std::byte{0x11});
  EXPECT_EQ(key->bytes()[15], std::byte{0xff});
  EXPECT_EQ(*key, AuthKey::parse(" 00112233445566778899AABBCCDDEEFF ").value());
}

TEST_F(AuthKeyTest, AFileThatOthersMayReadIsRefusedWithTheMend) {
  const std::string file = file_with(kDigits, 0640);

  const auto key = AuthKey::read(file);

  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().message, HasSubstr("try \"chmod 600 " + file + "\""));
}

TEST_F(AuthKeyTest, AFileThatIsNotThereIsNamed) {
  const auto key = AuthKey::read(folder_ + "/nowhere");

  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::Io);
  EXPECT_THAT(key.error().message, HasSubstr(folder_ + "/nowhere"));
}

TEST_F(AuthKeyTest, AFolderIsNoKey) {
  ASSERT_EQ(chmod(folder_.c_str(), 0700), 0);

  const auto key = AuthKey::read(folder_);

  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().message, HasSubstr("is not a file with a key"));
}

TEST_F(AuthKeyTest, NoErrorTellsAnyOfTheSecret) {
  for (const std::string content :
       {"", "0011", "00112233445566778899aabbccddeeffg1", "hunter2hunter2hunter2hunter2hunter2!!",
        "00112233445566778899aabbccddeef"}) {
    const auto key = AuthKey::read(file_with(content));

    ASSERT_FALSE(key) << content;
    EXPECT_THAT(key.error().message, HasSubstr(folder_ + "/key"));
    EXPECT_THAT(key.error().message, Not(HasSubstr("hunter")));
    EXPECT_THAT(key.error().message, Not(HasSubstr("0011")));
  }
}

TEST_F(AuthKeyTest, ALongFileIsNotRead) {
  const auto key = AuthKey::read(file_with(std::string(1 << 20, 'a')));

  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().message, HasSubstr("32 to 256 hexadecimal digits"));
}

}  // namespace
}  // namespace mayfly
