#include "tests/kernel/documented_rules.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "core/check.h"

namespace mayfly {

std::string documented_rules(const std::string& name) {
  std::ifstream file(MAYFLY_SOURCE_DIR "/docs/FIREWALLS.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string opening = "```sh\n";
  const std::string marker = fmt::format("<!-- rules: {} -->\n{}", name, opening);
  const size_t at = text.find(marker);
  if (at == std::string::npos) fmt::print(stderr, "docs/FIREWALLS.md has no rules {}\n", name);
  MAYFLY_CHECK(at != std::string::npos);
  const size_t begin = at + marker.size();
  return text.substr(begin, text.find("```\n", begin) - begin);
}

}  // namespace mayfly
