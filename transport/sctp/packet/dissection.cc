#include "transport/sctp/packet/dissection.h"

#include <fmt/format.h>

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
#include "transport/sctp/packet/packet_view.h"

namespace mayfly::sctp {
namespace {

template <class Chunk>
std::string text_of(const ChunkView& view) {
  const auto chunk = Chunk::parse(view);
  return chunk ? to_string(*chunk) : to_string(view.type) + " malformed";
}

}  // namespace

std::string dissect_chunk(const ChunkView& chunk) {
  switch (chunk.type) {
    case ChunkType::Data: return text_of<DataChunk>(chunk);
    case ChunkType::Init: return text_of<InitChunk>(chunk);
    case ChunkType::InitAck: return text_of<InitAckChunk>(chunk);
    case ChunkType::Sack: return text_of<SackChunk>(chunk);
    case ChunkType::Heartbeat: return text_of<HeartbeatChunk>(chunk);
    case ChunkType::HeartbeatAck: return text_of<HeartbeatAckChunk>(chunk);
    case ChunkType::Abort: return text_of<AbortChunk>(chunk);
    case ChunkType::Shutdown: return text_of<ShutdownChunk>(chunk);
    case ChunkType::ShutdownAck: return text_of<ShutdownAckChunk>(chunk);
    case ChunkType::Error: return text_of<ErrorChunk>(chunk);
    case ChunkType::CookieEcho: return text_of<CookieEchoChunk>(chunk);
    case ChunkType::CookieAck: return text_of<CookieAckChunk>(chunk);
    case ChunkType::Ecne: return text_of<EcneChunk>(chunk);
    case ChunkType::Cwr: return text_of<CwrChunk>(chunk);
    case ChunkType::ShutdownComplete: return text_of<ShutdownCompleteChunk>(chunk);
    case ChunkType::IData: return text_of<IDataChunk>(chunk);
    case ChunkType::Reconfig: return text_of<ReconfigChunk>(chunk);
    case ChunkType::Pad: return text_of<PadChunk>(chunk);
    case ChunkType::ForwardTsn: return text_of<ForwardTsnChunk>(chunk);
    case ChunkType::IForwardTsn: return text_of<IForwardTsnChunk>(chunk);
    case ChunkType::Auth:
    case ChunkType::Asconf:
    case ChunkType::AsconfAck: break;
  }
  return fmt::format("{} bytes={}", to_string(chunk.type), chunk.value.size());
}

std::string dissect_packet(ByteView bytes) {
  const auto packet = PacketView::parse(bytes);
  if (!packet) return fmt::format("{} bytes that are no SCTP packet\n", bytes.size());
  const CommonHeader& header = packet->header();
  std::string text =
      fmt::format("{} > {} tag={:08x} bytes={}{}\n", header.source_port, header.destination_port,
                  header.verification_tag.value(), bytes.size(),
                  packet->is_intact(ZeroChecksum::Refused) ? "" : " wrong checksum");
  ChunkReader chunks = packet->chunks();
  while (const auto chunk = chunks.next()) text += "  " + dissect_chunk(*chunk) + "\n";
  if (chunks.is_malformed()) text += "  cut off\n";
  return text;
}

}  // namespace mayfly::sctp
