#pragma once

#include <optional>
#include <string>

#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/types.h"
#include "transport/sctp/packet/wire_list.h"
#include "transport/sctp/packet/wire_records.h"

namespace mayfly::sctp {

// A run of TSNs that arrived, as distances from the cumulative TSN, both ends included.
struct GapAckBlock {
  uint16_t start = 0;
  uint16_t end = 0;

  friend bool operator==(const GapAckBlock&, const GapAckBlock&) = default;
};

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |   Type = 3    |  Chunk Flags  |         Chunk Length          |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                      Cumulative TSN Ack                       |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |          Advertised Receiver Window Credit (a_rwnd)           |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   | Number of Gap Ack Blocks = N  |  Number of Duplicate TSNs = M |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |    Gap Ack Block #1 Start     |     Gap Ack Block #1 End      |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                              ...                              /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                        Duplicate TSN 1                        |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   /                              ...                              /
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// What has arrived (RFC 9260 3.3.4). Its lists are borrowed: views of the packet, or of the lists
// they are made from.
struct SackChunk {
  static constexpr ChunkType kType = ChunkType::Sack;
  static constexpr size_t kHeaderBytes = 16;

  Tsn cumulative_tsn{};
  uint32_t a_rwnd = 0;
  // Each starts at 1 or more and does not end before it starts, in what is parsed; their order and
  // whether they overlap is not looked at.
  WireList<GapAckBlock> gap_blocks{};
  WireList<Tsn> duplicates{};

  // Nothing also when the counts do not fill the chunk exactly.
  [[nodiscard]] static std::optional<SackChunk> parse(const ChunkView& chunk);
  [[nodiscard]] size_t bytes() const {
    return kHeaderBytes + gap_blocks.bytes() + duplicates.bytes();
  }
  void serialize_to(FieldWriter& writer) const;

  friend bool operator==(const SackChunk&, const SackChunk&) = default;
};

// How many gap blocks and duplicates together fit into a SACK of that many bytes.
[[nodiscard]] constexpr size_t sack_records_in(size_t bytes) {
  return bytes < SackChunk::kHeaderBytes ? 0 : (bytes - SackChunk::kHeaderBytes) / 4;
}

[[nodiscard]] std::string to_string(const SackChunk& chunk);

template <>
struct WireRecord<GapAckBlock> {
  static constexpr size_t kBytes = 4;
  static GapAckBlock read(std::span<const std::byte, kBytes> bytes) {
    return {u16_at<0>(bytes), u16_at<2>(bytes)};
  }
  static void write(FieldWriter& writer, GapAckBlock block) {
    writer.u16(block.start);
    writer.u16(block.end);
  }
};

}  // namespace mayfly::sctp
