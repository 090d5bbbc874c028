#pragma once

#include <string>

#include "core/bytes.h"

namespace mayfly {

// In lower-case hex.
[[nodiscard]] std::string sha256_hex(ByteView bytes);

}  // namespace mayfly
