#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/ids.h"

namespace mayfly {

// A set of frame numbers of one track that remembers only the most recent: adding a number far
// ahead forgets those far behind. So its size does not depend on what a peer sends.
class RecentFrames {
 public:
  // More than any codec reaches back, and over a minute of video at 60 pictures a second.
  static constexpr uint32_t kWindow = 4096;

  // Too old a number is not taken.
  void add(FrameNumber number);
  [[nodiscard]] bool contains(FrameNumber number) const;
  // So far behind the newest that it is not known whether it was ever added.
  [[nodiscard]] bool is_forgotten(FrameNumber number) const {
    return !empty_ && number.value() < newest_ && newest_ - number.value() >= kWindow;
  }

 private:
  static constexpr size_t kWordBits = 64;

  void forget_between(uint32_t from, uint32_t to);

  std::array<uint64_t, kWindow / kWordBits> bits_{};
  uint32_t newest_ = 0;
  bool empty_ = true;
};

}  // namespace mayfly
