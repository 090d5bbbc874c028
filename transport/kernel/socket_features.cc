#include "transport/kernel/socket_features.h"

#include <netinet/sctp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

namespace mayfly {
namespace {

// Chunk types of RFC 9260, 3758, 6525 and 8260 that carry, acknowledge or give up data, or end the
// association. Cheap: Linux authenticates a packet once for all its chunks.
constexpr std::array<uint8_t, 7> kAuthenticatedChunks = {
    0 /* DATA */,          3 /* SACK */, 7 /* SHUTDOWN */, 64 /* I-DATA */, 130 /* RE-CONFIG */,
    192 /* FORWARD-TSN */, 194 /* I-FORWARD-TSN */};

long long sysctl_number(const std::string& name) {
  std::ifstream file("/proc/sys/net/sctp/" + name);
  long long value = -1;
  file >> value;
  return value;
}

// The kernel's own switch of the same meaning does as well, on kernels that have no option.
bool switch_on(const SctpSocket& socket, int option, const std::string& sysctl) {
  sctp_assoc_value wanted{};
  wanted.assoc_value = 1;
  return socket.set_option(IPPROTO_SCTP, option, wanted) || sysctl_number(sysctl) == 1;
}

Error refusal(const std::string& feature, const std::string& sysctl) {
  return {ErrorCode::Unsupported,
          "the kernel refuses " + feature + ": try \"sysctl -w net.sctp." + sysctl + "\""};
}

// SHA-256 first; SHA-1 is what everybody must have (RFC 4895 6.1).
void prefer_sha256(const SctpSocket& socket) {
  struct {
    uint32_t count = 2;
    std::array<uint16_t, 2> identifiers = {SCTP_AUTH_HMAC_ID_SHA256, SCTP_AUTH_HMAC_ID_SHA1};
  } hmacs;
  static_cast<void>(socket.set_option(IPPROTO_SCTP, SCTP_HMAC_IDENT, hmacs));
}

// Under the number of the empty key, which would otherwise stay and let in whoever has none.
bool set_key(const SctpSocket& socket, const AuthKey& key) {
  sctp_authkey header{};
  header.sca_keylength = static_cast<uint16_t>(key.bytes().size());
  Bytes option(sizeof(header) + key.bytes().size());
  std::memcpy(option.data(), &header, sizeof(header));
  std::ranges::copy(key.bytes(), option.begin() + sizeof(header));
  return setsockopt(socket.descriptor(), IPPROTO_SCTP, SCTP_AUTH_KEY, option.data(),
                    static_cast<socklen_t>(option.size())) == 0;
}

}  // namespace

std::optional<uint16_t> own_encapsulation_port() {
  const long long port = sysctl_number("udp_port");
  if (port <= 0 || port > 65535) return std::nullopt;
  return static_cast<uint16_t>(port);
}

Result<void> apply_encapsulation(const SctpSocket& socket, uint16_t peer_port) {
  if (!own_encapsulation_port()) {
    return failure(ErrorCode::Unsupported,
                   "SCTP over UDP in the kernel needs a UDP port of this host: try \"sysctl -w "
                   "net.sctp.udp_port=9899\", or use --transport usrsctp");
  }
  sctp_udpencaps encapsulation{};
  encapsulation.sue_address.ss_family =
      socket.family() == IpEndpoint::Family::V4 ? sa_family_t{AF_INET} : sa_family_t{AF_INET6};
  encapsulation.sue_port = htons(peer_port);
  if (socket.set_option(IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT, encapsulation)) return {};
  return failure(from_errno(errno, "set SCTP_REMOTE_UDP_ENCAPS_PORT"));
}

Result<void> apply_interleaving(const SctpSocket& socket) {
  const int level = 1;
  sctp_assoc_value wanted{};
  wanted.assoc_value = 1;
  if (socket.set_option(IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, level) &&
      socket.set_option(IPPROTO_SCTP, SCTP_INTERLEAVING_SUPPORTED, wanted)) {
    return {};
  }
  return failure(refusal("message interleaving", "intl_enable=1"));
}

Result<void> apply_authentication(const SctpSocket& socket, const AuthKey& key) {
  if (!switch_on(socket, SCTP_AUTH_SUPPORTED, "auth_enable")) {
    return failure(refusal("SCTP-AUTH", "auth_enable=1"));
  }
  prefer_sha256(socket);
  const bool demanded = std::ranges::all_of(kAuthenticatedChunks, [&socket](uint8_t type) {
    return socket.set_option(IPPROTO_SCTP, SCTP_AUTH_CHUNK, sctp_authchunk{type});
  });
  if (demanded && set_key(socket, key)) return {};
  return failure(from_errno(errno, "give SCTP-AUTH its key"));
}

Result<void> apply_dynamic_addresses(const SctpSocket& socket) {
  // In this order: ASCONF is put among what must be authenticated when it is switched on.
  if (switch_on(socket, SCTP_AUTH_SUPPORTED, "auth_enable") &&
      switch_on(socket, SCTP_ASCONF_SUPPORTED, "addip_enable")) {
    return {};
  }
  return failure(refusal("changes of addresses", "auth_enable=1 net.sctp.addip_enable=1"));
}

void follow_own_addresses(const SctpSocket& socket) {
  static_cast<void>(apply_dynamic_addresses(socket));
  const int on = 1;
  static_cast<void>(socket.set_option(IPPROTO_SCTP, SCTP_AUTO_ASCONF, on));
}

}  // namespace mayfly
