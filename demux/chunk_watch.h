#pragma once

#include <optional>

#include "demux/container_watch.h"

namespace mayfly {

// What stands where one chunk ends and the next must begin.
struct ChunkStep {
  enum class Kind {
    Chunk,     // one begins: it takes `bytes`, or as far as it holds others its head does
    NeedMore,  // not enough bytes to tell
    ToTheEnd,  // one begins that goes on to the end of the file
    Broken,    // nothing that belongs there
  };
  Kind kind = Kind::NeedMore;
  uint64_t bytes = 0;
};

// A container made of chunks that tell their own length. Chunks that hold others are gone into, so
// what is read is one flat row of heads.
struct ChunkFormat {
  ChunkStep (*next)(ByteView bytes);
  std::string_view broken;  // what is said of the wrong thing in the row
  // How a chunk begins where reading may go on after damage; nothing: nowhere.
  std::string_view landmark;
};

// MPEG program streams and MPEG-1 system streams (ISO/IEC 13818-1, 2.5.3): packs and PES packets.
extern const ChunkFormat kProgramStream;
// Matroska and WebM (RFC 9559): EBML elements, segments and clusters gone into.
extern const ChunkFormat kMatroska;
// AVI: RIFF chunks, the lists of frames gone into.
extern const ChunkFormat kAvi;
// MP4 and QuickTime (ISO/IEC 14496-12): the boxes of the file.
extern const ChunkFormat kIsoMedia;

// Watches over any of these.
class ChunkWatch final : public ContainerWatch {
 public:
  explicit ChunkWatch(const ChunkFormat& format) : format_(format) {}

  [[nodiscard]] std::optional<std::string_view> read(ByteView bytes) override;
  [[nodiscard]] uint64_t skippable() const override { return skippable_; }
  void skip(uint64_t bytes) override { skippable_ -= bytes; }
  [[nodiscard]] std::optional<std::string_view> finish() override;
  void jump() override;

 private:
  // Goes to the next landmark; false when it does not lie in what was read.
  [[nodiscard]] bool find_landmark(size_t& at);

  const ChunkFormat& format_;
  bool is_lost_ = false;      // looking for a landmark
  uint64_t skippable_ = 0;    // of the chunk under way
  bool ends_openly_ = false;  // the chunk under way may end anywhere
  Bytes pending_;             // a head that is not complete
};

}  // namespace mayfly
