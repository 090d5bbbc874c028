// What is written is read again as the same, whatever it is.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/transport_sctp_packet/chunk_bytes.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/chunk/forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/init_chunk.h"
#include "transport/sctp/packet/chunk/pad_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/dissection.h"
#include "transport/sctp/packet/packet_builder.h"

namespace mayfly::sctp {
namespace {

template <class Number>
Number any() {
  return *rc::gen::arbitrary<Number>();
}

template <class Strong>
Strong any_id() {
  return Strong(any<typename Strong::Underlying>());
}

Bytes any_bytes() {
  const auto drawn = any<std::vector<uint8_t>>();
  Bytes bytes(drawn.size());
  std::ranges::transform(drawn, bytes.begin(), [](uint8_t each) { return std::byte{each}; });
  return bytes;
}

template <class T, class Make>
std::vector<T> any_list(Make make) {
  std::vector<T> list(*rc::gen::inRange<size_t>(0, 50));
  std::ranges::generate(list, make);
  return list;
}

// Reads it back, and reads nothing from it when it is cut anywhere.
template <class Chunk>
void assert_survives(const Chunk& chunk) {
  const Bytes bytes = bytes_of(chunk);
  const auto parsed = parse_as<Chunk>(bytes);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == chunk);
  RC_ASSERT(!to_string(*parsed).empty());
  const Bytes cut(bytes.begin(), bytes.begin() + *rc::gen::inRange<ptrdiff_t>(
                                                     0, static_cast<ptrdiff_t>(bytes.size())));
  RC_ASSERT(!parse_as<Chunk>(cut).has_value());
}

RC_GTEST_PROP(ChunkProperty, DataSurvives, ()) {
  const Bytes payload = any_bytes();
  assert_survives(DataChunk{.immediate = any<bool>(),
                            .unordered = any<bool>(),
                            .beginning = any<bool>(),
                            .end = any<bool>(),
                            .tsn = any_id<Tsn>(),
                            .stream = any_id<StreamId>(),
                            .sequence = any_id<StreamSequence>(),
                            .ppid = any_id<Ppid>(),
                            .payload = payload});
}

RC_GTEST_PROP(ChunkProperty, IDataSurvives, ()) {
  const Bytes payload = any_bytes();
  const bool beginning = any<bool>();
  assert_survives(
      IDataChunk{.immediate = any<bool>(),
                 .unordered = any<bool>(),
                 .beginning = beginning,
                 .end = any<bool>(),
                 .tsn = any_id<Tsn>(),
                 .stream = any_id<StreamId>(),
                 .message = any_id<MessageIdentifier>(),
                 .ppid = beginning ? any_id<Ppid>() : Ppid(),
                 .fragment = beginning ? FragmentSequence() : any_id<FragmentSequence>(),
                 .payload = payload});
}

RC_GTEST_PROP(ChunkProperty, SackSurvives, ()) {
  const auto gaps = any_list<GapAckBlock>([] {
    const auto start = *rc::gen::inRange<uint16_t>(1, 0xffff);
    return GapAckBlock{start, *rc::gen::inRange<uint16_t>(start, 0xffff)};
  });
  const auto duplicates = any_list<Tsn>(any_id<Tsn>);
  assert_survives(SackChunk{.cumulative_tsn = any_id<Tsn>(),
                            .a_rwnd = any<uint32_t>(),
                            .gap_blocks = gaps,
                            .duplicates = duplicates});
}

RC_GTEST_PROP(ChunkProperty, InitSurvives, ()) {
  const Bytes parameters = any_bytes();
  assert_survives(InitChunk{.initiate_tag = any_id<VerificationTag>(),
                            .a_rwnd = any<uint32_t>(),
                            .outbound_streams = any<uint16_t>(),
                            .inbound_streams = any<uint16_t>(),
                            .initial_tsn = any_id<Tsn>(),
                            .parameters = parameters});
}

RC_GTEST_PROP(ChunkProperty, SkippingSurvives, ()) {
  const auto sequences = any_list<SkippedSequence>([] {
    return SkippedSequence{any_id<StreamId>(), any_id<StreamSequence>()};
  });
  assert_survives(ForwardTsnChunk{.new_cumulative_tsn = any_id<Tsn>(), .skipped = sequences});
  const auto messages = any_list<SkippedMessage>([] {
    return SkippedMessage{any_id<StreamId>(), any<bool>(), any_id<MessageIdentifier>()};
  });
  assert_survives(IForwardTsnChunk{.new_cumulative_tsn = any_id<Tsn>(), .skipped = messages});
}

RC_GTEST_PROP(ChunkProperty, OpaqueContentsSurvive, ()) {
  const Bytes bytes = any_bytes();
  assert_survives(HeartbeatChunk{.info = bytes});
  assert_survives(CookieEchoChunk{.cookie = bytes});
  assert_survives(ErrorChunk{.causes = bytes});
  assert_survives(AbortChunk{.tag_is_reflected = any<bool>(), .causes = bytes});
  assert_survives(PadChunk{.padding_bytes = bytes.size()});
}

// A packet is filled as long as chunks fit, and gives back just those that did.
RC_GTEST_PROP(PacketProperty, HoldsWhatWasAdded, ()) {
  const auto payloads = *rc::gen::container<std::vector<std::vector<uint8_t>>>(
      rc::gen::arbitrary<std::vector<uint8_t>>());
  std::vector<Bytes> bodies;
  for (const auto& each : payloads) {
    const ByteView bytes = std::as_bytes(std::span(each));
    bodies.emplace_back(bytes.begin(), bytes.end());
  }
  Bytes memory(*rc::gen::inRange<size_t>(kCommonHeaderBytes + kChunkHeaderBytes, 1500));
  PacketBuilder builder({.source_port = 1, .destination_port = 2}, memory);
  std::vector<CookieEchoChunk> added;
  for (const Bytes& body : bodies) {
    const CookieEchoChunk chunk{.cookie = body};
    const bool fits = chunk.bytes() <= builder.room();
    RC_ASSERT(builder.add(chunk) == fits);
    if (fits) added.push_back(chunk);
  }
  RC_ASSERT(builder.is_empty() == added.empty());
  if (added.empty()) return;

  const auto packet = PacketView::parse(builder.finish());

  RC_ASSERT(packet.has_value());
  RC_ASSERT(packet->bytes().size() <= memory.size());
  RC_ASSERT(packet->is_intact(ZeroChecksum::Refused));
  ChunkReader chunks = packet->chunks();
  for (const CookieEchoChunk& each : added) {
    const auto view = chunks.next();
    RC_ASSERT(view.has_value());
    RC_ASSERT(CookieEchoChunk::parse(*view) == each);
  }
  RC_ASSERT(!chunks.next() && !chunks.is_malformed());
}

RC_GTEST_PROP(PacketProperty, AnyBytesCanBeDissected, ()) {
  RC_ASSERT(!dissect_packet(any_bytes()).empty());
}

}  // namespace
}  // namespace mayfly::sctp
