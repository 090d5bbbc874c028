#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/integration/program_under_test.h"

namespace mayfly::testing {

// Who calls mayfly.
enum class Caller : unsigned char {
  Root,
  User,  // nobody(8), who may do nothing; whoever runs the tests where that is not root
};

// The command as that caller gives it. TUN devices are there and open to everybody, as on most
// machines, whatever they are on this one; and changes nothing of the machine.
[[nodiscard]] std::vector<std::string> called_by(Caller caller, std::vector<std::string> command);

// A line of the log.
struct LoggedPacket {
  int64_t time_us = 0;
  std::string direction;
  int64_t bytes = 0;
  std::string fate;
  int64_t queued_us = 0;   // 0 where the log has none
  int64_t arrival_us = 0;  // 0 where the log has none
};

// Tests that run `mayfly link`. Skipped with the reason where the machine lets nobody have a TUN
// device, asked of iproute2.
class LinkTest : public ::testing::Test {
 protected:
  void SetUp() override { need(Caller::User); }
  void need(Caller caller);

  // `mayfly link WORDS...`, called by the user.
  [[nodiscard]] std::vector<std::string> link(std::vector<std::string> words,
                                              Caller caller = Caller::User) const;
  // The same with `--log`, to its end; read by log().
  [[nodiscard]] Exit logged(std::vector<std::string> words) const;
  [[nodiscard]] std::vector<LoggedPacket> log() const;
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  class OpenFolder : public TemporaryFolder {
   public:
    OpenFolder();  // the user writes into it too
  };
  OpenFolder folder_;
};

// The same asked for both callers.
class LinkOfAnyCallerTest : public LinkTest, public ::testing::WithParamInterface<Caller> {
 protected:
  void SetUp() override { need(GetParam()); }
  [[nodiscard]] std::vector<std::string> link(std::vector<std::string> words) const {
    return LinkTest::link(std::move(words), GetParam());
  }
};

// What ping told about its echoes.
struct Pings {
  size_t sent = 0;
  std::vector<bool> answered;  // by number, from 0
  double least_ms = 0;
  double most_ms = 0;

  [[nodiscard]] size_t received() const;
};
[[nodiscard]] Pings pings_from(const std::string& output);

}  // namespace mayfly::testing
