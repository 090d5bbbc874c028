#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace mayfly {

// An IP address with a port: of UDP where SCTP runs over it, of SCTP itself where it runs over IP.
// The simulated network uses the same addresses.
struct IpEndpoint {
  enum class Family : uint8_t { V4, V6 };

  Family family = Family::V4;
  std::array<uint8_t, 16> address{};  // network order; V4 uses the first four
  uint16_t port = 0;
  uint32_t scope_id = 0;  // of a V6 link-local address

  [[nodiscard]] static IpEndpoint v4(std::array<uint8_t, 4> address, uint16_t port);
  [[nodiscard]] static IpEndpoint any_v4(uint16_t port) { return v4({0, 0, 0, 0}, port); }
  [[nodiscard]] static IpEndpoint any_v6(uint16_t port);
  [[nodiscard]] static IpEndpoint loopback_v4(uint16_t port) { return v4({127, 0, 0, 1}, port); }
  // "192.0.2.1:9899", "[2001:db8::1]:9899", "[fe80::1%eth0]:9899", or without a port: then
  // `default_port`. Names are not resolved here.
  [[nodiscard]] static Result<IpEndpoint> parse(std::string_view text, uint16_t default_port);

  [[nodiscard]] bool is_any() const;
  friend auto operator<=>(const IpEndpoint&, const IpEndpoint&) = default;
};

[[nodiscard]] std::string to_string(const IpEndpoint& endpoint);
[[nodiscard]] std::string address_text(const IpEndpoint& endpoint);  // without the port or brackets

}  // namespace mayfly

template <>
struct std::hash<mayfly::IpEndpoint> {
  size_t operator()(const mayfly::IpEndpoint& endpoint) const noexcept;
};
