#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace mayfly {

// Watches the bytes of a container go by and says where one part does not follow from the one
// before. Demultiplexers read past such places without a word; whoever made the clip wants to know.
// What it sees is the container's structure: damage within the coded pictures is the decoder's to
// find.
class ContainerWatch {
 public:
  virtual ~ContainerWatch() = default;

  // The next bytes of the file. What is wrong in them, in words for a sentence; the first thing,
  // when there are several.
  [[nodiscard]] virtual std::optional<std::string_view> read(ByteView bytes) = 0;
  // So many of the next bytes may be passed over by skip(), for nothing in them is looked at.
  [[nodiscard]] virtual uint64_t skippable() const = 0;
  virtual void skip(uint64_t bytes) = 0;
  // Here the file ends.
  [[nodiscard]] virtual std::optional<std::string_view> finish() = 0;
  // The next bytes are from elsewhere in the file, and may begin in the middle of anything.
  virtual void jump() = 0;
};

// The watch over a container by libavformat's name of it; none for those without structure or
// whose file does not begin as it should. `beginning` is the file's first kilobytes; `pids` are
// the packet identifiers of a transport stream's tracks.
[[nodiscard]] std::unique_ptr<ContainerWatch> container_watch(std::string_view format,
                                                              ByteView beginning,
                                                              const std::vector<uint16_t>& pids);

}  // namespace mayfly
