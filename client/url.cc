#include "client/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/quantity.h"

namespace mayfly {
namespace {

constexpr std::string_view kOverUdp = "mayfly://";
constexpr std::string_view kOverIp = "mayfly+sctp://";
constexpr std::string_view kTs = "sctp+ts://";
constexpr std::string_view kExample = "write it as in mayfly://192.0.2.1:9899/clip.mp4";

tl::unexpected<Error> wrong(std::string why) {
  return failure(ErrorCode::InvalidArgument, std::move(why));
}

std::optional<unsigned> hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a') + 10;
  if (digit >= 'A' && digit <= 'F') return static_cast<unsigned>(digit - 'A') + 10;
  return std::nullopt;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const auto high = i + 1 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low) {
      return wrong(
          "a '%' in the clip's name must be followed by two hexadecimal digits; write the "
          "percent sign itself as %25");
    }
    if (*high == 0 && *low == 0) return wrong("the clip's name must not hold a zero byte (%00)");
    decoded.push_back(static_cast<char>(*high << 4 | *low));
    i += 2;
  }
  return decoded;
}

bool needs_no_encoding(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (needs_no_encoding(c)) {
      encoded.push_back(c);
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

struct HostAndPort {
  std::string host;
  std::optional<uint16_t> port;
};

Result<uint16_t> parse_port(std::string_view text) {
  const auto port = parse_integer(text, 0, 65535);
  if (!port) return wrong(fmt::format("'{}' is not a port; it is a number from 1 to 65535", text));
  return static_cast<uint16_t>(*port);
}

// Splits "[host]rest", where the text begins with the bracket.
Result<HostAndPort> parse_bracketed(std::string_view text) {
  const size_t end = text.find(']');
  if (end == std::string_view::npos) {
    return wrong(fmt::format("'{}' lacks the ']' after its IPv6 address", text));
  }
  HostAndPort parsed{std::string(text.substr(1, end - 1)), std::nullopt};
  // RFC 6874 wants the scope's % encoded; people write it plainly.
  if (const size_t scope = parsed.host.find("%25"); scope != std::string::npos) {
    parsed.host.erase(scope + 1, 2);
  }
  if (parsed.host.find(':') == std::string::npos) {
    return wrong(fmt::format("'{}' is no IPv6 address; brackets are for those only", parsed.host));
  }
  const std::string_view rest = text.substr(end + 1);
  if (rest.empty()) return parsed;
  if (rest.front() != ':') {
    return wrong(fmt::format("'{}' after the ']' must be ':' and a port", rest));
  }
  ASSIGN_OR_RETURN(parsed.port, parse_port(rest.substr(1)));
  return parsed;
}

Result<HostAndPort> parse_host(std::string_view text) {
  if (text.empty()) return wrong(fmt::format("a host is missing; {}", kExample));
  if (text.front() == '[') return parse_bracketed(text);
  const auto colons = std::ranges::count(text, ':');
  if (colons > 1) {
    return wrong(fmt::format("an IPv6 address stands in brackets: '[{}]'", text));
  }
  const size_t colon = text.find(':');
  HostAndPort parsed{std::string(text.substr(0, colon)), std::nullopt};
  const bool is_clean = std::ranges::all_of(parsed.host, [](unsigned char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("[]@%\\\"<>").find(static_cast<char>(c)) == std::string_view::npos;
  });
  if (parsed.host.empty()) return wrong(fmt::format("a host is missing; {}", kExample));
  if (!is_clean) return wrong(fmt::format("'{}' is neither a name nor an address", parsed.host));
  if (colon != std::string_view::npos) {
    ASSIGN_OR_RETURN(parsed.port, parse_port(text.substr(colon + 1)));
  }
  return parsed;
}

Result<void> parse_hosts(std::string_view text, ClipUrl& url) {
  std::optional<uint16_t> port;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    ASSIGN_OR_RETURN(HostAndPort each, parse_host(text.substr(begin, end - begin)));
    if (each.port && port && each.port != port) {
      return wrong(fmt::format("all addresses of a host have the same port, not {} and {}", *port,
                               *each.port));
    }
    if (each.port) port = each.port;
    url.hosts.push_back(std::move(each.host));
    begin = end + 1;
  }
  url.port = port.value_or(ClipUrl::kDefaultPort);
  return {};
}

Result<ClipUrl::Scheme> parse_scheme(std::string_view text) {
  for (const auto each :
       {ClipUrl::Scheme::SctpOverUdp, ClipUrl::Scheme::Sctp, ClipUrl::Scheme::TsOverSctp}) {
    if (text.starts_with(prefix_of(each))) return each;
  }
  return wrong(fmt::format(
      "it must begin with {} (SCTP over UDP), {} (SCTP over IP) or {} (MPEG-TS over SCTP); {}",
      kOverUdp, kOverIp, kTs, kExample));
}

// `any_host`: stands for a host that is left out; empty: it must not be.
Result<ClipUrl> parse_url(std::string_view text, std::string_view any_host = {}) {
  ClipUrl url;
  ASSIGN_OR_RETURN(url.scheme, parse_scheme(text));
  text.remove_prefix(prefix_of(url.scheme).size());
  const size_t slash = std::min(text.find('/'), text.size());
  std::string hosts(text.substr(0, slash));
  if (hosts.empty() || hosts.front() == ':') hosts.insert(0, any_host);
  RETURN_IF_ERROR(parse_hosts(hosts, url));
  if (slash < text.size()) {
    ASSIGN_OR_RETURN(url.clip, percent_decoded(text.substr(slash + 1)));
  }
  return url;
}

}  // namespace

Result<ClipUrl> ClipUrl::parse(std::string_view text) {
  auto url = parse_url(text);
  if (url && url->port == 0) {
    url = wrong("'0' is not a port to connect to; it is a number from 1 to 65535");
  }
  if (url && url->scheme == Scheme::TsOverSctp && !url->clip.empty()) {
    url = wrong(fmt::format("what comes from a {} port is for its server to say: leave out '{}'",
                            kTs, url->clip));
  }
  if (!url) return failure(url.error().in(fmt::format("URL '{}'", text)));
  return url;
}

Result<ClipUrl> ClipUrl::parse_listening(std::string_view text) {
  auto url = parse_url(text, "[::]");
  if (url && url->scheme != Scheme::TsOverSctp && !url->clip.empty()) {
    url = wrong(
        fmt::format("a server listens at an address, not at a clip: leave out '{}'", url->clip));
  }
  if (!url) return failure(url.error().in(fmt::format("URL '{}'", text)));
  return url;
}

std::string_view prefix_of(ClipUrl::Scheme scheme) {
  switch (scheme) {
    case ClipUrl::Scheme::SctpOverUdp: return kOverUdp;
    case ClipUrl::Scheme::Sctp: return kOverIp;
    case ClipUrl::Scheme::TsOverSctp: return kTs;
  }
  return kOverUdp;
}

std::string to_string(const ClipUrl& url) {
  std::string text(prefix_of(url.scheme));
  for (size_t i = 0; i < url.hosts.size(); ++i) {
    const bool is_v6 = url.hosts[i].find(':') != std::string::npos;
    text += fmt::format(fmt::runtime(is_v6 ? "{}[{}]" : "{}{}"), i == 0 ? "" : ",", url.hosts[i]);
  }
  return fmt::format("{}:{}/{}", text, url.port, percent_encoded(url.clip));
}

}  // namespace mayfly
