#pragma once

#include <vector>

#include "core/bytes.h"
#include "core/result.h"

namespace mayfly {

// Vorbis and Theora begin with three header packets, which libav keeps in a track's extradata in
// one of two ways: each behind its length in 16 bits (as from Ogg), or laced (as from Matroska:
// a count, then the lengths of all but the last in bytes that add up, 255 meaning more to come).
// Fails with Malformed when the bytes are neither.
[[nodiscard]] Result<std::vector<Bytes>> split_xiph_headers(ByteView extradata);

}  // namespace mayfly
