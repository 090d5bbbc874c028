#pragma once

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

namespace mayfly {

// The seeds of a test that makes a claim about chance: `count` from `first` on, the same in every
// run. MAYFLY_ENGINE_SEEDS=FIRST:COUNT sets others, to look for what the usual ones do not show.
[[nodiscard]] inline std::vector<uint64_t> campaign_seeds(uint64_t first, size_t count) {
  if (const char* asked = std::getenv("MAYFLY_ENGINE_SEEDS")) {
    const std::string text = asked;
    const size_t colon = text.find(':');
    first = std::stoull(text.substr(0, colon));
    count = colon == std::string::npos ? 1 : std::stoull(text.substr(colon + 1));
  }
  std::vector<uint64_t> seeds(count);
  std::iota(seeds.begin(), seeds.end(), first);
  return seeds;
}

}  // namespace mayfly
