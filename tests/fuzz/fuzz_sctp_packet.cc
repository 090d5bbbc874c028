// Any bytes can be walked as a packet, and whatever can be read of them means the same when it is
// written and read again.
#include "core/check.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/cwr_chunk.h"
#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/ecne_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/chunk/forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_ack_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/init_ack_chunk.h"
#include "transport/sctp/packet/chunk/init_chunk.h"
#include "transport/sctp/packet/chunk/pad_chunk.h"
#include "transport/sctp/packet/chunk/reconfig_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"
#include "transport/sctp/packet/cookie/state_cookie.h"
#include "transport/sctp/packet/dissection.h"
#include "transport/sctp/packet/error_cause.h"
#include "transport/sctp/packet/packet_builder.h"
#include "transport/sctp/packet/parameter/init_parameters.h"
#include "transport/sctp/packet/parameter/reconfig_parameters.h"

namespace {

using namespace mayfly;
using namespace mayfly::sctp;

// The chunk, if it is one of that type, is the same after it was written and read again.
template <class Chunk>
void read_as(const ChunkView& view, PacketBuilder& builder) {
  const auto chunk = Chunk::parse(view);
  if (!chunk) return;
  MAYFLY_CHECK(view.type == Chunk::kType);
  MAYFLY_CHECK(chunk->bytes() <= view.whole.size());
  Bytes bytes(chunk->bytes());
  FieldWriter writer(bytes);
  chunk->serialize_to(writer);
  MAYFLY_CHECK(writer.room() == 0);
  const auto again = ChunkReader(bytes).next();
  MAYFLY_CHECK(again && again->whole.size() == bytes.size());
  MAYFLY_CHECK(Chunk::parse(*again) == chunk);
  MAYFLY_CHECK(builder.add(*chunk));
}

template <class... Chunks>
void read_as_each(const ChunkView& view, PacketBuilder& builder) {
  (read_as<Chunks>(view, builder), ...);
}

void read_parameters(ByteView bytes) {
  if (const auto init = InitParameters::parse(bytes)) {
    MAYFLY_CHECK(init->addresses.size() <= kMaxPeerAddresses);
    MAYFLY_CHECK(init->to_report.size() <= kMaxReportedParameters);
  }
  if (const auto reconfig = parse_reconfig_parameters(bytes)) {
    const Bytes again = serialize(*reconfig);
    MAYFLY_CHECK(parse_reconfig_parameters(again) == reconfig);
  }
  static_cast<void>(user_abort_text(bytes));
  if (const auto cookie = StateCookie::parse(bytes)) {
    MAYFLY_CHECK(StateCookie::parse(cookie->serialize()) == cookie);
  }
}

void read_parameters_of(const ChunkView& view) {
  read_parameters(view.value);
  constexpr size_t kBeforeParameters = InitChunk::kHeaderBytes - kChunkHeaderBytes;
  if (view.value.size() >= kBeforeParameters) {
    read_parameters(view.value.subspan(kBeforeParameters));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const ByteView input(reinterpret_cast<const std::byte*>(bytes), size);
  static_cast<void>(dissect_packet(input));
  const auto packet = PacketView::parse(input);
  if (!packet) return 0;
  static_cast<void>(packet->is_intact(ZeroChecksum::Accepted));

  // What comes in fits what goes out: a written chunk is never longer than the one it was read
  // from, but for the padding that the last one may lack.
  Bytes memory(padded(size));
  PacketBuilder builder(packet->header(), memory);
  ChunkReader chunks = packet->chunks();
  size_t walked = kCommonHeaderBytes;
  while (const auto view = chunks.next()) {
    walked += view->whole.size();
    MAYFLY_CHECK(walked <= size);
    read_as_each<AbortChunk, CookieAckChunk, CookieEchoChunk, CwrChunk, DataChunk, EcneChunk,
                 ErrorChunk, ForwardTsnChunk, HeartbeatAckChunk, HeartbeatChunk, IDataChunk,
                 IForwardTsnChunk, InitAckChunk, InitChunk, PadChunk, ReconfigChunk, SackChunk,
                 ShutdownAckChunk, ShutdownChunk, ShutdownCompleteChunk>(*view, builder);
    read_parameters_of(*view);
  }
  const ByteView again = builder.finish();
  MAYFLY_CHECK(builder.is_empty() || PacketView::parse(again)->is_intact(ZeroChecksum::Refused));
  return 0;
}
