#pragma once

#include "config/setting.h"

namespace mayfly {

// The URLs and link specifications of a config, which its own room does not know, judged with the
// rest of it: a mistake in them is told with its line, beside all the others.
[[nodiscard]] ValueChecks config_checks();

}  // namespace mayfly
