#pragma once

#include <string_view>

namespace mayfly {

// config/serve.toml and config/play.toml as they were when the program was built.
extern const std::string_view kServeDefaults;
extern const std::string_view kPlayDefaults;

}  // namespace mayfly
