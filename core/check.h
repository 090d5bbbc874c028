#pragma once

namespace mayfly {

// Prints where and what, then aborts. A failed check is a bug of ours, never a fault of the input.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace mayfly

// Must hold, also in release builds.
#define MAYFLY_CHECK(condition) \
  ((condition) ? void() : ::mayfly::check_failed(#condition, __FILE__, __LINE__))

// Must hold; too dear to test in release builds.
#ifdef NDEBUG
#define MAYFLY_DCHECK(condition) (void(sizeof(!(condition))))
#else
#define MAYFLY_DCHECK(condition) MAYFLY_CHECK(condition)
#endif
