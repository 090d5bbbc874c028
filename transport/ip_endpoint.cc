#include "transport/ip_endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>

#include "core/quantity.h"

namespace mayfly {
namespace {

Result<uint32_t> scope_from(const std::string& name) {
  if (const unsigned index = if_nametoindex(name.c_str()); index != 0) return index;
  if (auto number = parse_integer(name, 1, UINT32_MAX)) return static_cast<uint32_t>(*number);
  return failure(ErrorCode::NotFound, fmt::format("there is no network interface \"{}\"", name));
}

Result<IpEndpoint> parse_address(std::string_view text, uint16_t port) {
  IpEndpoint endpoint;
  endpoint.port = port;
  const size_t percent = text.find('%');
  const std::string plain(text.substr(0, percent));
  if (inet_pton(AF_INET, plain.c_str(), endpoint.address.data()) == 1) return endpoint;
  endpoint.family = IpEndpoint::Family::V6;
  if (inet_pton(AF_INET6, plain.c_str(), endpoint.address.data()) == 1) {
    if (percent != std::string_view::npos) {
      ASSIGN_OR_RETURN(endpoint.scope_id, scope_from(std::string(text.substr(percent + 1))));
    }
    return endpoint;
  }
  return failure(ErrorCode::InvalidArgument, fmt::format("\"{}\" is not an IP address", text));
}

}  // namespace

IpEndpoint IpEndpoint::v4(std::array<uint8_t, 4> address, uint16_t port) {
  IpEndpoint endpoint;
  std::copy(address.begin(), address.end(), endpoint.address.begin());
  endpoint.port = port;
  return endpoint;
}

IpEndpoint IpEndpoint::any_v6(uint16_t port) {
  IpEndpoint endpoint;
  endpoint.family = Family::V6;
  endpoint.port = port;
  return endpoint;
}

Result<IpEndpoint> IpEndpoint::parse(std::string_view text, uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return failure(ErrorCode::InvalidArgument, fmt::format("\"{}\" lacks a closing ]", text));
    }
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) {
      return failure(ErrorCode::InvalidArgument, fmt::format("\"{}\" has text after the ]", text));
    }
    if (!rest.empty()) port = rest.substr(1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
  }
  uint16_t number = default_port;
  if (!port.empty()) {
    ASSIGN_OR_RETURN(const int64_t value, parse_integer(port, 0, UINT16_MAX));
    number = static_cast<uint16_t>(value);
  }
  return parse_address(host, number);
}

bool IpEndpoint::is_any() const {
  return std::all_of(address.begin(), address.end(), [](uint8_t byte) { return byte == 0; });
}

std::string address_text(const IpEndpoint& endpoint) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool is_v4 = endpoint.family == IpEndpoint::Family::V4;
  inet_ntop(is_v4 ? AF_INET : AF_INET6, endpoint.address.data(), text.data(), text.size());
  std::string result(text.data());
  if (endpoint.scope_id != 0) {
    std::array<char, IF_NAMESIZE> name{};
    const char* found = if_indextoname(endpoint.scope_id, name.data());
    result += '%' + (found != nullptr ? std::string(found) : std::to_string(endpoint.scope_id));
  }
  return result;
}

std::string to_string(const IpEndpoint& endpoint) {
  return endpoint.family == IpEndpoint::Family::V4
             ? fmt::format("{}:{}", address_text(endpoint), endpoint.port)
             : fmt::format("[{}]:{}", address_text(endpoint), endpoint.port);
}

}  // namespace mayfly

size_t std::hash<mayfly::IpEndpoint>::operator()(
    const mayfly::IpEndpoint& endpoint) const noexcept {
  size_t value = endpoint.port * 0x9e3779b97f4a7c15ULL ^ endpoint.scope_id;
  for (const uint8_t byte : endpoint.address) value = (value ^ byte) * 0x100000001b3ULL;
  return value ^ value >> 29;
}
