#pragma once

#include <string>

namespace mayfly {

// The shell commands under `<!-- rules: NAME -->` in docs/FIREWALLS.md. Ends the process when there
// are none, for then the document and its tests have parted.
[[nodiscard]] std::string documented_rules(const std::string& name);

}  // namespace mayfly
