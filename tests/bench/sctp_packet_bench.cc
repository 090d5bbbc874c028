#include <benchmark/benchmark.h>

#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/crc32c.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/packet/packet_view.h"

// What our SCTP stack spends on a packet as such: its checksum, reading it and writing it.
namespace mayfly::sctp {
namespace {

using Extend = uint32_t (*)(uint32_t, ByteView);

void checksum(benchmark::State& state, Extend extend) {
  if (extend == extend_crc32c_by_instructions && !has_crc32c_instructions()) {
    state.SkipWithError("this processor has no such instructions");
    return;
  }
  const Bytes bytes(static_cast<size_t>(state.range(0)), std::byte{0x5a});
  for (auto _ : state) benchmark::DoNotOptimize(extend(0, bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(checksum, portable, extend_crc32c_portably)->Arg(64)->Arg(1200)->Arg(9000);
BENCHMARK_CAPTURE(checksum, instructions, extend_crc32c_by_instructions)
    ->Arg(64)
    ->Arg(1200)
    ->Arg(9000);

constexpr size_t kPacketBytes = 1200;

// One packet with as many messages of `payload` bytes as fit.
ByteView build(ByteView payload, Bytes& memory, PacketBuilder::Checksum checksum) {
  PacketBuilder builder({.source_port = 1, .destination_port = 2}, memory);
  DataChunk chunk{.beginning = true, .end = true, .payload = payload};
  while (builder.add(chunk)) chunk.tsn = Tsn(chunk.tsn.value() + 1);
  return builder.finish(checksum);
}

void write_packet(benchmark::State& state) {
  const Bytes payload(static_cast<size_t>(state.range(0)));
  Bytes memory(kPacketBytes);
  for (auto _ : state) {
    benchmark::DoNotOptimize(build(payload, memory, PacketBuilder::Checksum::Crc32c).data());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kPacketBytes));
}
BENCHMARK(write_packet)->Arg(1168)->Arg(100);

void read_packet(benchmark::State& state) {
  const Bytes payload(static_cast<size_t>(state.range(0)));
  Bytes memory(kPacketBytes);
  const ByteView bytes = build(payload, memory, PacketBuilder::Checksum::Crc32c);
  for (auto _ : state) {
    const auto packet = PacketView::parse(bytes);
    bool is_good = packet->is_intact(ZeroChecksum::Refused);
    ChunkReader chunks = packet->chunks();
    while (const auto view = chunks.next()) {
      const auto data = DataChunk::parse(*view);
      is_good = is_good && data->payload.size() == payload.size();
    }
    if (!is_good) state.SkipWithError("not the packet that was written");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kPacketBytes));
}
BENCHMARK(read_packet)->Arg(1168)->Arg(100);

void read_sack(benchmark::State& state) {
  std::vector<GapAckBlock> gaps;
  for (int64_t i = 1; i <= state.range(0); ++i) {
    const auto at = static_cast<uint16_t>(3 * i);
    gaps.push_back({at, static_cast<uint16_t>(at + 1)});
  }
  const SackChunk sack{.cumulative_tsn = Tsn(1), .a_rwnd = 1 << 20, .gap_blocks = gaps};
  Bytes bytes(sack.bytes());
  FieldWriter writer(bytes);
  sack.serialize_to(writer);
  for (auto _ : state) {
    const auto parsed = SackChunk::parse(*ChunkReader(bytes).next());
    uint32_t acknowledged = 0;
    for (const GapAckBlock block : parsed->gap_blocks) acknowledged += block.end - block.start;
    benchmark::DoNotOptimize(acknowledged);
  }
}
BENCHMARK(read_sack)->Arg(0)->Arg(8)->Arg(200);

}  // namespace
}  // namespace mayfly::sctp
