#pragma once

#include <rapidcheck.h>

#include "config/play_config.h"
#include "config/serve_config.h"

// Any configuration that is right, for properties.
namespace mayfly {

[[nodiscard]] rc::Gen<ServeConfig> any_serve_config();
[[nodiscard]] rc::Gen<PlayConfig> any_play_config();

}  // namespace mayfly
