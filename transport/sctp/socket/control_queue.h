#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/path_id.h"
#include "transport/sctp/socket/chunk_bytes.h"

namespace mayfly::sctp {

// A chunk that is whole already: what PacketBuilder::add() takes.
struct WholeChunk {
  ByteView whole;

  [[nodiscard]] size_t bytes() const { return whole.size(); }
  void serialize_to(FieldWriter& writer) const { writer.append(whole); }
};

// Control chunks that wait for the next packet of their path. Bounded: what a peer makes us answer
// beyond that is not answered.
class ControlQueue {
 public:
  static constexpr size_t kMaxWaiting = 32;

  struct Entry {
    PathId path = 0;
    Bytes chunk;
  };

  void push(Entry entry) {
    if (waiting_.size() < kMaxWaiting) waiting_.push_back(std::move(entry));
  }
  template <WritableChunk Chunk>
  void push(PathId path, const Chunk& chunk) {
    push({.path = path, .chunk = chunk_bytes(chunk)});
  }
  void clear() { waiting_.clear(); }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] const Entry& front() const { return waiting_.front(); }

  // Puts as many into the packet as fit and have the same path as the first.
  void fill(PacketBuilder& builder) {
    const PathId path = waiting_.front().path;
    while (!waiting_.empty() && waiting_.front().path == path) {
      const Entry& entry = waiting_.front();
      if (!builder.add(WholeChunk{entry.chunk})) {
        if (builder.is_empty()) waiting_.pop_front();  // no packet of this path could hold it
        return;
      }
      waiting_.pop_front();
    }
  }

 private:
  std::deque<Entry> waiting_;
};

}  // namespace mayfly::sctp
