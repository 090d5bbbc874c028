#pragma once

#include <array>
#include <cstddef>

#include "core/result.h"

namespace mayfly {

// 32 bytes that nobody else knows, from the operating system (getrandom(2)): what keys and secrets
// follow from (RFC 4086). Waits, early after boot, until the system has gathered enough. Fails with
// Unsupported where the system has no such source.
[[nodiscard]] Result<std::array<std::byte, 32>> os_entropy();

}  // namespace mayfly
