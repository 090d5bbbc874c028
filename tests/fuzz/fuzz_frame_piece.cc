// A piece is refused or is exactly what was sent: it serializes to the bytes it came from.
#include <algorithm>

#include "core/check.h"
#include "wire/frame_piece.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const mayfly::ByteView message(reinterpret_cast<const std::byte*>(bytes), size);
  const auto piece = mayfly::wire::parse_frame_piece(message);
  if (piece) MAYFLY_CHECK(std::ranges::equal(mayfly::wire::serialize(*piece), message));
  return 0;
}
