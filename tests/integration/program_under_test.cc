#include "tests/integration/program_under_test.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/check.h"
#include "tests/integration/transport_under_test.h"

namespace mayfly::testing {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string folder = (fs::temp_directory_path() / "mayfly-test-XXXXXX").string();
  MAYFLY_CHECK(mkdtemp(folder.data()) != nullptr);
  path_ = folder;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  std::ofstream(file(name), std::ios::binary) << content;
  return file(name);
}

std::vector<std::string> mayfly(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), MAYFLY_PROGRAM);
  return arguments;
}

std::vector<std::string> record(const std::string& url, const std::string& file,
                                const std::vector<std::string>& arguments) {
  // The clip is what is judged, not the speed of this machine; the guest's is many times less.
  const std::string delay = transport_under_test() == TransportChoice::Kernel ? "3s" : "1s";
  std::vector<std::string> all = {"play", url,           "--quiet",       "--sink",
                                  file,   "--transport", transport_name()};
  const std::string option = "--playout-delay";
  if (std::find(arguments.begin(), arguments.end(), option) == arguments.end()) {
    all.insert(all.end(), {option, delay});
  }
  all.insert(all.end(), arguments.begin(), arguments.end());
  return mayfly(std::move(all));
}

std::vector<std::string> play(const std::string& url, const std::vector<std::string>& arguments) {
  return record(url, "none", arguments);
}

namespace {

std::vector<std::string> serve(const std::string& at, const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"serve", "--listen", at, "--transport", transport_name()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return mayfly(std::move(all));
}

}  // namespace

RunningServer::RunningServer(const std::vector<std::string>& arguments)
    : RunningServer(url_at("127.0.0.1", 0), arguments, {}) {}

RunningServer::RunningServer(const std::string& at, const std::vector<std::string>& arguments,
                             const Surroundings& surroundings)
    : program_(serve(at, arguments), surroundings) {
  const auto line = program_.wait_for_line("listening url=");
  if (!line) {
    ADD_FAILURE() << "the server does not listen:\n" << program_.wait(5s).standard_error;
    return;
  }
  url_ = line->substr(line->find("url=") + 4);
}

uint16_t RunningServer::port() const {
  const size_t colon = url_.rfind(':');
  if (colon == std::string::npos) return 0;  // it does not listen, which was told
  return static_cast<uint16_t>(std::stoul(url_.substr(colon + 1)));
}

void RunningServer::end() {
  program_.signal(SIGTERM);
  const Exit exit = program_.wait(20s);
  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  expect_clean(exit);
}

void expect_clean(const Exit& exit) {
  for (const char* report : {"Sanitizer", "runtime error:"}) {
    EXPECT_EQ(exit.standard_error.find(report), std::string::npos) << exit.standard_error;
  }
}

std::string sentence_of(const Exit& exit) {
  expect_clean(exit);
  std::istringstream lines(exit.standard_error);
  std::string sentence;
  size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("mayfly: ")) continue;
    sentence = line;
    ++count;
  }
  EXPECT_EQ(count, 1U) << exit.standard_error;
  return sentence;
}

std::string content_of(const std::string& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

nlohmann::json json_from(const std::string& text) {
  auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_discarded()) return json;
  ADD_FAILURE() << "not a JSON document:\n" << text.substr(0, 2000);
  return nullptr;
}

nlohmann::json probed(const std::string& file) {
  const Exit exit = run(mayfly({"probe", "--json", "--digest", file}));
  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  return json_from(exit.standard_output);
}

std::vector<std::string> digests_of(const nlohmann::json& probe, const std::string& picture_type) {
  std::vector<std::string> digests;
  if (!probe.is_object()) return digests;
  for (const auto& frame : probe["frames"]) {
    if (frame["class"] == "audio") continue;
    if (picture_type.empty() || frame["type"] == picture_type) digests.push_back(frame["sha256"]);
  }
  return digests;
}

void expect_states_sum_to_sent(const nlohmann::json& stats) {
  ASSERT_TRUE(stats.is_object());
  for (const char* name : {"i", "p", "b", "audio"}) {
    const auto& fates = stats["classes"][name];
    uint64_t sum = 0;
    for (const char* state :
         {"on_time", "late", "abandoned_unsent", "abandoned_sent", "lost", "undecodable"}) {
      sum += fates[state].get<uint64_t>();
    }
    EXPECT_EQ(sum, fates["sent"].get<uint64_t>()) << name << ": " << fates;
  }
}

}  // namespace mayfly::testing
