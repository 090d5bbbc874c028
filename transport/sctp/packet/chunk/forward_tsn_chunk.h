#pragma once

#include <optional>
#include <string>

#include "core/ids.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"
#include "transport/sctp/packet/wire_list.h"

namespace mayfly::sctp {

// The last ordered message of a stream that will not be delivered any more.
struct SkippedSequence {
  StreamId stream{};
  StreamSequence sequence{};

  friend bool operator==(const SkippedSequence&, const SkippedSequence&) = default;
};

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  Type = 192   |  Flags = 0x00 |       Length = Variable       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      New Cumulative TSN                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |           Stream-1            |       Stream Sequence-1       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                              ...                              /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Tells the receiver to give up waiting for all TSNs up to one (RFC 3758 3.2). Unordered messages
// have no sequence number, and need none here.
struct ForwardTsnChunk {
  static constexpr ChunkType kType = ChunkType::ForwardTsn;
  static constexpr size_t kHeaderBytes = 8;

  Tsn new_cumulative_tsn{};
  // Borrowed: a view of the packet, or of the list it is made from.
  WireList<SkippedSequence> skipped{};

  // Nothing also when the list does not end with the chunk.
  [[nodiscard]] static std::optional<ForwardTsnChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + skipped.bytes(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const ForwardTsnChunk&, const ForwardTsnChunk&) = default;
};

[[nodiscard]] std::string to_string(const ForwardTsnChunk& chunk);

template <>
struct WireRecord<SkippedSequence> {
  static constexpr size_t kBytes = 4;
  static SkippedSequence read(std::span<const std::byte, kBytes> bytes) {
    return {StreamId(u16_at<0>(bytes)), StreamSequence(u16_at<2>(bytes))};
  }
  static void write(FieldWriter& writer, const SkippedSequence& skipped) {
    writer.u16(skipped.stream.value());
    writer.u16(skipped.sequence.value());
  }
};

}  // namespace mayfly::sctp
