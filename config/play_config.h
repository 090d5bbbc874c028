#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/setting.h"
#include "config/transport_choice.h"
#include "core/result.h"
#include "core/units.h"
#include "transport/kernel/kernel_transport_options.h"
#include "transport/transport_options.h"

namespace mayfly {

// All that `mayfly play` can be told beside the URL. config/play.toml has the same defaults, with
// the reasons. Everything works as for ServeConfig.
struct PlayConfig {
  std::string sink = "auto";              // "auto", "none", or a file to record to
  std::optional<Duration> playout_delay;  // none: the server's usual one
  bool loop = false;
  bool catch_up = true;
  size_t buffer_bytes = size_t{256} << 20;
  Duration report_interval = 200ms;
  std::string impair;
  TransportChoice transport = TransportChoice::Auto;
  TransportOptions transport_options;
  // A player has one association.
  KernelTransportOptions kernel_options = {.socket_style = SocketStyle::OneToOne};

  friend bool operator==(const PlayConfig&, const PlayConfig&) = default;
};

[[nodiscard]] Result<PlayConfig> read_play_config(const std::filesystem::path& file,
                                                  const ValueChecks& checks = {});
[[nodiscard]] Result<PlayConfig> parse_play_config(std::string_view document,
                                                   const std::string& name,
                                                   const ValueChecks& checks = {});
[[nodiscard]] Result<void> set(PlayConfig& config, const std::vector<Override>& overrides);
[[nodiscard]] Result<void> set(PlayConfig& config, const std::string& path,
                               const std::string& value);
[[nodiscard]] std::string to_toml(const PlayConfig& config);
[[nodiscard]] std::vector<KeyDescription> keys_of(const PlayConfig& config);

}  // namespace mayfly
