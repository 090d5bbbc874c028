#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"

#include <fmt/format.h>

#include <algorithm>

namespace mayfly::sctp {

std::optional<CookieEchoChunk> CookieEchoChunk::parse(const ChunkView& chunk) {
  if (chunk.type != kType) return std::nullopt;
  return CookieEchoChunk{.cookie = chunk.value};
}

void CookieEchoChunk::serialize_to(FieldWriter& writer) const {
  write_chunk_header(writer, kType, 0, bytes());
  writer.append(cookie);
}

bool operator==(const CookieEchoChunk& a, const CookieEchoChunk& b) {
  return std::ranges::equal(a.cookie, b.cookie);
}

std::string to_string(const CookieEchoChunk& chunk) {
  return fmt::format("COOKIE ECHO bytes={}", chunk.cookie.size());
}

}  // namespace mayfly::sctp
