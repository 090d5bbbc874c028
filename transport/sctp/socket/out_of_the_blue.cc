#include "transport/sctp/socket/out_of_the_blue.h"

#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"
#include "transport/sctp/packet/error_cause.h"
#include "transport/sctp/packet/packet_builder.h"

namespace mayfly::sctp {
namespace {

template <class Chunk>
std::optional<ByteView> reply(const PacketView& packet, VerificationTag tag, const Chunk& chunk,
                              std::span<std::byte> memory) {
  const CommonHeader& header = packet.header();
  PacketBuilder builder({header.destination_port, header.source_port, tag}, memory);
  if (!builder.add(chunk)) return std::nullopt;
  return builder.finish();
}

}  // namespace

std::optional<ByteView> answer_out_of_the_blue(const PacketView& packet,
                                               std::span<std::byte> memory) {
  const VerificationTag tag = packet.header().verification_tag;
  ChunkReader chunks = packet.chunks();
  std::optional<ChunkView> first;
  while (const auto chunk = chunks.next()) {
    if (!first) first = chunk;
    // 8.4 (2), (6), (7): what ends or answers something is not answered.
    if (chunk->type == ChunkType::Abort || chunk->type == ChunkType::ShutdownComplete ||
        chunk->type == ChunkType::CookieAck) {
      return std::nullopt;
    }
    if (chunk->type == ChunkType::Error) {
      const auto error = ErrorChunk::parse(*chunk);
      if (!error || has_cause(error->causes, CauseCode::StaleCookie)) return std::nullopt;
    }
  }
  if (!first) return std::nullopt;
  // (5): the last packet of an association that ended in good order was lost.
  if (first->type == ChunkType::ShutdownAck) {
    return reply(packet, tag, ShutdownCompleteChunk{.tag_is_reflected = true}, memory);
  }
  return reply(packet, tag, AbortChunk{.tag_is_reflected = true, .causes = {}}, memory);  // (8)
}

ByteView refuse_init(const PacketView& packet, VerificationTag initiate_tag, ByteView causes,
                     std::span<std::byte> memory) {
  const auto answer =
      reply(packet, initiate_tag, AbortChunk{.tag_is_reflected = false, .causes = causes}, memory);
  // Without causes it fits any packet.
  return answer ? *answer : *reply(packet, initiate_tag, AbortChunk{}, memory);
}

}  // namespace mayfly::sctp
