#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/bytes.h"
#include "core/check.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/packet_view.h"

namespace mayfly::sctp {

// Fills memory that it borrows with one packet, chunk after chunk, as long as they fit (bundling,
// RFC 9260 6.10). The memory's size is the packet's limit: give it what the path's MTU leaves. It
// may be a part of a larger buffer in which several packets lie side by side for one system call.
// Control chunks go in before DATA chunks; keeping to that is the caller's part.
class PacketBuilder {
 public:
  enum class Checksum : uint8_t { Crc32c, Zero };  // Zero: RFC 9653, when the peer accepts it

  // `memory` must hold a header at least.
  PacketBuilder(const CommonHeader& header, std::span<std::byte> memory);

  // Adds a chunk with its padding. False, and nothing has changed, when it does not fit.
  template <WritableChunk Chunk>
  [[nodiscard]] bool add(const Chunk& chunk) {
    const size_t bytes = chunk.bytes();
    if (bytes > room()) return false;
    const size_t with_padding = padded(bytes);
    const auto place = memory_.subspan(used_, with_padding);
    FieldWriter writer(place);
    chunk.serialize_to(writer);
    // A chunk that is not as long as it said would put all that follow out of place.
    MAYFLY_CHECK(writer.room() == with_padding - bytes);
    writer.zeros(writer.room());
    used_ += with_padding;
    return true;
  }

  // The longest chunk that still fits, header included; a multiple of four. It is 0 to 3 bytes less
  // than the memory left.
  [[nodiscard]] size_t room() const {
    return std::min(memory_.size() - used_, kMaxChunkBytes) / 4 * 4;
  }
  [[nodiscard]] bool is_empty() const { return used_ == kCommonHeaderBytes; }
  [[nodiscard]] size_t bytes() const { return used_; }

  // Writes the checksum and gives the finished packet, a view of the memory.
  [[nodiscard]] ByteView finish(Checksum checksum = Checksum::Crc32c);

 private:
  std::span<std::byte> memory_;
  size_t used_ = kCommonHeaderBytes;
};

}  // namespace mayfly::sctp
