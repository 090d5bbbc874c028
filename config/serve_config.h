#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/setting.h"
#include "config/transport_choice.h"
#include "core/result.h"
#include "core/units.h"
#include "delivery/delivery_policy.h"
#include "transport/kernel/kernel_transport_options.h"
#include "transport/transport_options.h"

namespace mayfly {

// How long a frame may be on its way: from its decode time at the server to its showing.
struct PlayoutDelayLimits {
  Duration usual = 500ms;  // for a player that asks for none
  Duration shortest = 20ms;
  Duration longest = 30s;

  friend bool operator==(const PlayoutDelayLimits&, const PlayoutDelayLimits&) = default;
};

struct SessionLimits {
  size_t sessions = 256;
  Duration idle = 60s;     // a player that asks for nothing
  Duration silence = 15s;  // a player that says nothing while a clip plays
  Duration stall = 10s;    // a player that takes nothing while a clip plays

  friend bool operator==(const SessionLimits&, const SessionLimits&) = default;
};

// How clips go to readers of MPEG-TS over SCTP, which know nothing of mayfly.
struct TsConfig {
  bool by_class = false;  // frames live as [delivery] says; otherwise all is reliable
  bool loop = false;
  bool ends_with_abort = false;  // otherwise with a shutdown

  friend bool operator==(const TsConfig&, const TsConfig&) = default;
};

// All that `mayfly serve` can be told. config/serve.toml has the same defaults, with the reasons.
struct ServeConfig {
  std::vector<std::string> listen = {"mayfly://[::]:9899"};
  std::vector<std::string> media;  // files and folders
  std::string impair;              // a link specification; empty: the network as it is
  Duration report_interval = 200ms;
  Duration statistics_interval = 60s;  // 0: no such lines
  PlayoutDelayLimits playout_delay;
  SessionLimits limits;
  DeliveryPolicy delivery = prioritised();
  TsConfig ts;
  TransportChoice transport = TransportChoice::Auto;
  // What players send is requests and reports.
  TransportOptions transport_options{.max_received_message_bytes = 1 << 20};
  KernelTransportOptions kernel_options;

  friend bool operator==(const ServeConfig&, const ServeConfig&) = default;
};

// The defaults with what the file says on top. Fails with NotFound or Io when the file cannot be
// read, and otherwise with all its mistakes at once, one in a line:
// `lab.toml:7: delivery.b.lifetme: there is no such key; did you mean "delivery.b.lifetime"?`
[[nodiscard]] Result<ServeConfig> read_serve_config(const std::filesystem::path& file,
                                                    const ValueChecks& checks = {});
[[nodiscard]] Result<ServeConfig> parse_serve_config(std::string_view document,
                                                     const std::string& name,
                                                     const ValueChecks& checks = {});

// Sets keys from outside, whatever their order; nothing changes when anything is wrong, and all of
// it is told: `delivery.b.lifetime: "60" is not a lifetime like ...`.
[[nodiscard]] Result<void> set(ServeConfig& config, const std::vector<Override>& overrides);
[[nodiscard]] Result<void> set(ServeConfig& config, const std::string& path,
                               const std::string& value);

// The whole configuration as a commented document that parses to the same value.
[[nodiscard]] std::string to_toml(const ServeConfig& config);
// Every key with its value in this configuration, in the order of the document.
[[nodiscard]] std::vector<KeyDescription> keys_of(const ServeConfig& config);

}  // namespace mayfly
