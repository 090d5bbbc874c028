#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/units.h"
#include "transport/ip_endpoint.h"
#include "transport/sctp/packet/types.h"

namespace mayfly::sctp {

// What an INIT and the INIT ACK to it agreed on, and all that is needed to make the association
// when it comes back: until then its maker remembers nothing of it (RFC 9260 5.1.3). It travels
// signed; see CookieSigner.
struct StateCookie {
  Timestamp created_at{};  // on its maker's clock
  Duration lifespan{};     // from then on it may be echoed

  // Both ends' ports, their tags and what they announced. "Local" is the cookie's maker.
  uint16_t local_port = 0;
  uint16_t peer_port = 0;
  VerificationTag local_tag{};
  VerificationTag peer_tag{};
  Tsn local_initial_tsn{};
  Tsn peer_initial_tsn{};
  uint32_t peer_a_rwnd = 0;
  uint16_t outbound_streams =
      0;  // what the maker may use: the lesser of its own and the peer's word
  uint16_t inbound_streams = 0;

  // The tags of the association that existed already when the INIT came, for the collisions of
  // RFC 9260 5.2.4; 0 when none did.
  uint64_t local_tie_tag = 0;
  uint64_t peer_tie_tag = 0;

  // What both can do.
  bool forward_tsn = false;   // RFC 3758
  bool interleaving = false;  // RFC 8260

  IpEndpoint source{};                  // where the INIT came from, with the UDP port if any
  std::vector<IpEndpoint> addresses{};  // further ones it listed; at most kMaxPeerAddresses

  // Nothing unless serialize() of this version made the bytes.
  [[nodiscard]] static std::optional<StateCookie> parse(ByteView bytes);
  [[nodiscard]] Bytes serialize() const;

  friend bool operator==(const StateCookie&, const StateCookie&) = default;
};

}  // namespace mayfly::sctp
