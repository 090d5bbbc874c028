#pragma once

#include <string>
#include <vector>

#include "tests/architecture/source_file.h"

namespace mayfly {

// What is wrong with a file, a sentence for each place: "wire/x.h:3: ...".
using Problems = std::vector<std::string>;

// Includes of another room that the table of arrows does not allow, of ours by another path than
// the one from the root, and of foreign headers outside the folders that wrap them.
[[nodiscard]] Problems include_problems(const SourceFile& file);

}  // namespace mayfly
