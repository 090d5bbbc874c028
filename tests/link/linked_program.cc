#include "tests/link/linked_program.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace mayfly::testing {
namespace {

const std::string kNobody = "65534";

bool is_root() { return geteuid() == 0; }

std::vector<std::string> behind(std::vector<std::string> first,
                                const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// Why the caller cannot have a TUN device of a network of his own; empty when he can.
std::string obstacle(Caller caller) {
  if (caller == Caller::Root && !is_root()) return "only root can ask this";
  const std::string kind = caller == Caller::Root ? "--net" : "-Urn";
  const Exit exit = run(
      called_by(caller, {"unshare", kind, "ip", "tuntap", "add", "dev", "probe", "mode", "tun"}));
  if (exit.status != 0) {
    return "this machine gives no TUN device in a network namespace: " + exit.standard_error;
  }
  // Below a home folder, say, which is closed to others.
  const Exit reached = run(called_by(caller, {"test", "-x", MAYFLY_PROGRAM}));
  if (reached.status != 0) return "the user may not look into the folder mayfly was built in";
  return {};
}

}  // namespace

std::vector<std::string> called_by(Caller caller, std::vector<std::string> command) {
  if (!is_root()) return command;
  // In a view of the files of its own.
  const std::string tun = "mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && ";
  std::string become = "exec \"$@\"";
  if (caller == Caller::User) {
    become = "exec setpriv --reuid=" + kNobody + " --regid=" + kNobody + " --clear-groups \"$@\"";
  }
  return behind({"unshare", "--mount", "sh", "-c", tun + become, "sh"}, command);
}

void LinkTest::need(Caller caller) {
  static std::map<Caller, std::string> obstacles;
  if (!obstacles.contains(caller)) obstacles[caller] = obstacle(caller);
  if (!obstacles[caller].empty()) GTEST_SKIP() << obstacles[caller];
}

LinkTest::OpenFolder::OpenFolder() {
  std::filesystem::permissions(file(""), std::filesystem::perms::all);
}

std::vector<std::string> LinkTest::link(std::vector<std::string> words, Caller caller) const {
  words.insert(words.begin(), "link");
  return called_by(caller, mayfly(std::move(words)));
}

Exit LinkTest::logged(std::vector<std::string> words) const {
  return run(link(behind({"--log", file("link.log")}, words)));
}

std::vector<LoggedPacket> LinkTest::log() const {
  std::vector<LoggedPacket> packets;
  std::ifstream lines(file("link.log"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    LoggedPacket packet;
    std::string queued;
    std::string arrival;
    words >> packet.time_us >> packet.direction >> packet.bytes >> packet.fate >> queued >> arrival;
    EXPECT_FALSE(words.fail()) << line;
    if (queued != "-") packet.queued_us = std::stoll(queued);
    if (arrival != "-") packet.arrival_us = std::stoll(arrival);
    packets.push_back(packet);
  }
  return packets;
}

size_t Pings::received() const {
  return static_cast<size_t>(std::count(answered.begin(), answered.end(), true));
}

Pings pings_from(const std::string& output) {
  Pings pings;
  const size_t summary = output.find(" packets transmitted");
  if (summary == std::string::npos) {
    ADD_FAILURE() << "ping told nothing:\n" << output;
    return pings;
  }
  pings.sent = std::stoul(output.substr(output.rfind('\n', summary) + 1));
  pings.answered.resize(pings.sent);
  pings.least_ms = 1e9;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const size_t number = line.find("icmp_seq=");
    const size_t time = line.find(" time=");
    if (number == std::string::npos || time == std::string::npos) continue;
    pings.answered.at(std::stoul(line.substr(number + 9)) - 1) = true;
    const double ms = std::stod(line.substr(time + 6));
    pings.least_ms = std::min(pings.least_ms, ms);
    pings.most_ms = std::max(pings.most_ms, ms);
  }
  return pings;
}

}  // namespace mayfly::testing
