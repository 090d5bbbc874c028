#include "transport/sctp/packet/chunk/reconfig_chunk.h"

#include <algorithm>

#include "transport/sctp/packet/parameter/reconfig_parameters.h"

namespace mayfly::sctp {

std::optional<ReconfigChunk> ReconfigChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return ReconfigChunk{.parameters = chunk.value};
}

void ReconfigChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.append(parameters);
}

bool operator==(const ReconfigChunk& a, const ReconfigChunk& b) {
  return std::ranges::equal(a.parameters, b.parameters);
}

std::string to_string(const ReconfigChunk& chunk) {
  const auto parameters = parse_reconfig_parameters(chunk.parameters);
  if (!parameters) return "RE-CONFIG malformed";
  std::string text = "RE-CONFIG";
  for (const ReconfigParameter& each : *parameters) text += " " + to_string(each);
  return text;
}

}  // namespace mayfly::sctp
