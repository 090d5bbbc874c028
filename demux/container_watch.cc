#include "demux/container_watch.h"

#include "demux/chunk_watch.h"
#include "demux/transport_stream_watch.h"

namespace mayfly {

std::unique_ptr<ContainerWatch> container_watch(std::string_view format, ByteView beginning,
                                                const std::vector<uint16_t>& pids) {
  if (format == "mpegts") {
    const auto layout = TransportStreamWatch::layout_of(beginning);
    if (!layout) return nullptr;
    return std::make_unique<TransportStreamWatch>(*layout, pids);
  }
  const ChunkFormat* chunks = nullptr;
  if (format == "mpeg") chunks = &kProgramStream;
  if (format == "avi") chunks = &kAvi;
  if (format.starts_with("matroska")) chunks = &kMatroska;
  if (format.starts_with("mov,mp4")) chunks = &kIsoMedia;
  // A file that begins as no such file does is wrapped in something else.
  if (chunks == nullptr || chunks->next(beginning).kind != ChunkStep::Kind::Chunk) return nullptr;
  return std::make_unique<ChunkWatch>(*chunks);
}

}  // namespace mayfly
