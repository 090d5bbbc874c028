#pragma once

#include <cstdint>
#include <vector>

#include "core/frame_sink.h"

namespace mayfly {

// Takes frames at their time and shows them to nobody: to play against the clock where there is
// no display, or where only the figures matter.
class CountingSink final : public FrameSink {
 public:
  [[nodiscard]] Result<void> start(const std::vector<Track>&) override { return {}; }
  [[nodiscard]] Result<void> consume(const Frame&, Timestamp) override {
    ++frames_;
    return {};
  }
  [[nodiscard]] Result<void> finish() override { return {}; }

  [[nodiscard]] uint64_t frames() const { return frames_; }

 private:
  uint64_t frames_ = 0;
};

}  // namespace mayfly
