#pragma once

#include "tests/architecture/room_rules.h"
#include "tests/architecture/source_file.h"

namespace mayfly {

// Sleeping in tests, reading the clock outside core/clock.cc, headers without #pragma once, words
// that mark unfinished work, lines too wide and files too long to take in.
[[nodiscard]] Problems tidy_problems(const SourceFile& file);

inline constexpr size_t kMaxColumns = 100;
inline constexpr size_t kMaxLines = 500;

}  // namespace mayfly
