#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/file_descriptor.h"
#include "core/units.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// Sends and receives SCTP packets that no stack made, from whatever address one likes (RFC 9260 3).
class RawSctp {
 public:
  // On the host that one is on. Needs root.
  RawSctp();

  // One chunk in a packet of its own, from and to these addresses and ports.
  void send(const IpEndpoint& from, const IpEndpoint& to, uint32_t verification_tag,
            uint8_t chunk_type, ByteView chunk_body) const;
  // The body of the next chunk of this type that is first in a packet from `from` to this port.
  // Nothing when none comes within a second.
  [[nodiscard]] std::optional<Bytes> receive(const IpEndpoint& from, uint16_t to_port,
                                             uint8_t chunk_type) const;

 private:
  FileDescriptor socket_;
};

inline constexpr uint8_t kInitChunk = 1;
inline constexpr uint8_t kInitAckChunk = 2;
inline constexpr uint8_t kErrorChunk = 9;
inline constexpr uint8_t kCookieEchoChunk = 10;
inline constexpr uint8_t kCookieAckChunk = 11;

// What asks for an association: the tag that the answer is to bear, and usual numbers.
[[nodiscard]] Bytes init_body(uint32_t tag);

// Of an INIT ACK: the tag to answer with, and the state cookie.
struct Invitation {
  uint32_t tag = 0;
  Bytes cookie;
};
[[nodiscard]] std::optional<Invitation> invitation_in(ByteView init_ack_body);

}  // namespace mayfly
