#pragma once

#include <optional>
#include <string>

#include "core/ids.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"
#include "transport/sctp/packet/wire_list.h"

namespace mayfly::sctp {

// The last message of a stream, among its ordered or its unordered ones, that will not be delivered
// any more.
struct SkippedMessage {
  StreamId stream{};
  bool unordered = false;
  MessageIdentifier message{};

  friend bool operator==(const SkippedMessage&, const SkippedMessage&) = default;
};

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 194  | Flags = 0x00  |       Length = Variable       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      New Cumulative TSN                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |       Stream Identifier       |          Reserved           |U|
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      Message Identifier                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                              ...                              /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// What FORWARD-TSN is where messages are interleaved (RFC 8260 2.3.1).
struct IForwardTsnChunk {
  static constexpr ChunkType kType = ChunkType::IForwardTsn;
  static constexpr size_t kHeaderBytes = 8;

  Tsn new_cumulative_tsn{};
  // Borrowed: a view of the packet, or of the list it is made from.
  WireList<SkippedMessage> skipped{};

  // Nothing also when the list does not end with the chunk.
  [[nodiscard]] static std::optional<IForwardTsnChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const { return kHeaderBytes + skipped.bytes(); }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const IForwardTsnChunk&, const IForwardTsnChunk&) = default;
};

[[nodiscard]] std::string to_string(const IForwardTsnChunk& chunk);

template <>
struct WireRecord<SkippedMessage> {
  static constexpr size_t kBytes = 8;
  static SkippedMessage read(std::span<const std::byte, kBytes> bytes) {
    return {StreamId(u16_at<0>(bytes)), (u16_at<2>(bytes) & 1U) != 0,
            MessageIdentifier(u32_at<4>(bytes))};
  }
  static void write(FieldWriter& writer, const SkippedMessage& skipped) {
    writer.u16(skipped.stream.value());
    writer.u16(skipped.unordered ? 1 : 0);
    writer.u32(skipped.message.value());
  }
};

}  // namespace mayfly::sctp
