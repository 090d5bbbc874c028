#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/units.h"
#include "demux/byte_pipe.h"
#include "demux/media_source.h"

namespace mayfly {

// A file or URL as classified frames: libavformat cuts it into packets, our own parsers read what
// each picture is and depends on. Payloads are the container's bytes, unchanged and complete: put
// one after the other they are the elementary stream.
class LibavSource final : public MediaSource {
 public:
  struct Options {
    // Times as the container has them. Otherwise the clip begins at zero, whatever the clock of the
    // transport stream said.
    bool container_times = false;
    // Ends the opening, and what was opened, like cancel().
    std::stop_token stop{};
  };

  // Errors name the file: NotFound; Malformed for what is empty, damaged or no media; Unsupported
  // where there is neither video nor audio.
  [[nodiscard]] static Result<std::unique_ptr<LibavSource>> open(const std::string& url_or_path,
                                                                 Options options);
  [[nodiscard]] static Result<std::unique_ptr<LibavSource>> open(const std::string& url_or_path) {
    return open(url_or_path, Options{});
  }
  // A live input in the container `format`, whose bytes come through a pipe; see LibavInput.
  [[nodiscard]] static Result<std::unique_ptr<LibavSource>> open(const std::string& name,
                                                                 std::shared_ptr<BytePipe> bytes,
                                                                 const std::string& format);
  ~LibavSource() override;

  [[nodiscard]] std::string format_name() const;

  [[nodiscard]] const std::vector<Track>& tracks() const override;
  [[nodiscard]] std::optional<Duration> duration() const override;
  // Malformed, after the last frame that could be read, when the clip is damaged or cut off.
  [[nodiscard]] Result<Reading> next() override;
  [[nodiscard]] Result<void> seek(MediaTime position) override;
  void cancel() override;

 private:
  class State;
  explicit LibavSource(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace mayfly
