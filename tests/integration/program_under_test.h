#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace mayfly::testing {

// A folder of the test's own that goes away with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  // Writes a file into it; its path.
  std::string write(const std::string& name, const std::string& content) const;

 private:
  std::filesystem::path path_;
};

// `mayfly ARGUMENTS...`
[[nodiscard]] std::vector<std::string> mayfly(std::vector<std::string> arguments);
// `mayfly play URL --sink none --quiet ARGUMENTS...`, with a short playout delay: no window, and no
// waiting for one.
[[nodiscard]] std::vector<std::string> play(const std::string& url,
                                            const std::vector<std::string>& arguments = {});
[[nodiscard]] std::vector<std::string> record(const std::string& url, const std::string& file,
                                              const std::vector<std::string>& arguments = {});

// A server, listening when it is constructed: on a free port of the loopback interface, or at a
// URL.
class RunningServer {
 public:
  explicit RunningServer(const std::vector<std::string>& arguments);
  RunningServer(const std::string& at, const std::vector<std::string>& arguments,
                const Surroundings& surroundings);

  [[nodiscard]] std::string url(const std::string& clip) const { return url_ + clip; }
  [[nodiscard]] uint16_t port() const;
  [[nodiscard]] Program& program() { return program_; }
  // Says goodbye to its players; fails the test unless it ends in good order.
  void end();

 private:
  Program program_;
  std::string url_;
};

// The one sentence a program ended with. Fails the test when there is none or more than one, or a
// sanitizer had something to say.
[[nodiscard]] std::string sentence_of(const Exit& exit);
// Fails the test when a sanitizer had something to say.
void expect_clean(const Exit& exit);

[[nodiscard]] std::string content_of(const std::string& file);
// Fails the test, and gives null, when it is none.
[[nodiscard]] nlohmann::json json_from(const std::string& text);
// `mayfly probe --json --digest FILE`.
[[nodiscard]] nlohmann::json probed(const std::string& file);
// The SHA-256 of every frame of a kind ("I", "P", "B"; "" is all video), in decode order.
[[nodiscard]] std::vector<std::string> digests_of(const nlohmann::json& probe,
                                                  const std::string& picture_type);
// Fails the test unless the states of every class sum to what was sent.
void expect_states_sum_to_sent(const nlohmann::json& stats);

}  // namespace mayfly::testing
