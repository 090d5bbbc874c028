#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace mayfly {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "mayfly: check failed at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace mayfly
