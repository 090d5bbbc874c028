// A configuration is refused, or prints as one that is the same; so on the command line.
#include "config/play_config.h"
#include "config/serve_config.h"
#include "core/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto config = mayfly::parse_serve_config(text, "fuzz")) {
    MAYFLY_CHECK(mayfly::parse_serve_config(mayfly::to_toml(*config), "fuzz") == config);
  }
  if (const auto config = mayfly::parse_play_config(text, "fuzz")) {
    MAYFLY_CHECK(mayfly::parse_play_config(mayfly::to_toml(*config), "fuzz") == config);
  }
  const size_t equals = text.find('=');
  if (equals != std::string_view::npos) {
    mayfly::ServeConfig config;
    static_cast<void>(
        set(config, std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))));
  }
  return 0;
}
