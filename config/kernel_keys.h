#pragma once

#include <vector>

#include "config/keys.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// An address of a host, without a port: "192.0.2.1", "2001:db8::1", "fe80::1%eth0".
[[nodiscard]] Result<IpEndpoint> parse_host_address(const std::string& text);

// The section [transport.kernel] of any configuration with the member `kernel_options`, as far as
// server and player share it.
template <class Config>
[[nodiscard]] std::vector<ConfigKey<Config>> kernel_keys() {
  return {
      flag_key<Config>(
          {"transport.kernel.dynamic_addresses",
           "Whether addresses of this host may come and go under a session, as when a laptop moves "
           "to another network (RFC 5061). Both sides must allow it."},
          [](auto& c) -> auto& { return c.kernel_options.dynamic_addresses; }),
      flag_key<Config>(
          {"transport.kernel.interleaving",
           "Whether a large message lets others in between (RFC 8260). Both sides must allow it, "
           "and both must be Linux, which numbers the fragments in a way of its own."},
          [](auto& c) -> auto& { return c.kernel_options.message_interleaving; }),
      text_key<Config>(
          {"transport.kernel.auth_key_file",
           "A file with a key that the other side must have as well (RFC 4895): 32 to 256 "
           "hexadecimal digits, for its owner's eyes only. Empty: anybody may speak. Video is not "
           "encrypted either way."},
          "file, or empty", "/etc/mayfly/key",
          [](auto& c) -> auto& { return c.kernel_options.auth_key_file; }),
  };
}

// Those of a side that connects.
template <class Config>
[[nodiscard]] std::vector<ConfigKey<Config>> kernel_connecting_keys() {
  ConfigKey<Config> bind = {
      .path = "transport.kernel.bind",
      .kind = ValueKind::List,
      .form = "list of addresses of this host",
      .meaning = "The addresses of this host that a session may use, one path each. None: all.",
      .example = R"(["192.0.2.1", "198.51.100.1"])",
      .read = [](Config& config, const KeyValues& values) -> Result<void> {
        std::vector<IpEndpoint> addresses;
        for (const std::string& each : values) {
          ASSIGN_OR_RETURN(addresses.emplace_back(), parse_host_address(each));
        }
        config.kernel_options.bind = std::move(addresses);
        return {};
      },
      .print =
          [](const Config& config) {
            KeyValues texts;
            for (const IpEndpoint& each : config.kernel_options.bind) {
              texts.push_back(address_text(each));
            }
            return texts;
          },
  };
  ConfigKey<Config> primary = {
      .path = "transport.kernel.primary",
      .kind = ValueKind::Text,
      .form = "address of the server, or empty",
      .meaning =
          "The address of the server that carries the session while it answers; the others wait "
          "for its failure. Empty: the first of the URL.",
      .example = R"("192.0.2.9")",
      .read = [](Config& config, const KeyValues& values) -> Result<void> {
        config.kernel_options.primary.reset();
        if (values.front().empty()) return {};
        ASSIGN_OR_RETURN(config.kernel_options.primary, parse_host_address(values.front()));
        return {};
      },
      .print =
          [](const Config& config) {
            const auto& chosen = config.kernel_options.primary;
            return KeyValues{chosen ? address_text(*chosen) : std::string()};
          },
  };
  return {std::move(bind), std::move(primary)};
}

}  // namespace mayfly
