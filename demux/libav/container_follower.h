#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "demux/container_watch.h"
#include "demux/libav/libav_handles.h"

namespace mayfly {

// Reads a file behind libavformat's back, as far as the packets have come, for a watch over its
// container. The bytes are in the page cache by then.
class ContainerFollower {
 public:
  // None where there is nothing to watch: what is no ordinary file, or of another container.
  [[nodiscard]] static std::unique_ptr<ContainerFollower> open(const std::string& path,
                                                               const AVFormatContext& context);

  // Up to `position` in the file. What was wrong on the way.
  [[nodiscard]] std::optional<std::string_view> follow(int64_t position);
  // Up to the end of the file.
  [[nodiscard]] std::optional<std::string_view> finish();
  // Reading goes on elsewhere: with the next position that is followed.
  void jump();

 private:
  ContainerFollower(std::ifstream file, int64_t size, std::unique_ptr<ContainerWatch> watch)
      : file_(std::move(file)), size_(size), watch_(std::move(watch)) {}

  std::ifstream file_;
  int64_t size_;
  int64_t at_ = 0;
  bool jumped_ = false;
  std::unique_ptr<ContainerWatch> watch_;
};

}  // namespace mayfly
