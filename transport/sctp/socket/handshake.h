#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "transport/sctp/packet/chunk/init_ack_chunk.h"
#include "transport/sctp/packet/chunk/init_chunk.h"
#include "transport/sctp/packet/cookie/cookie_signer.h"
#include "transport/sctp/packet/cookie/state_cookie.h"
#include "transport/sctp/packet/parameter/init_parameters.h"
#include "transport/sctp/socket/socket_options.h"

// The values of the four-way handshake (RFC 9260 5.1): what each side says, and what follows from
// it.
namespace mayfly::sctp {

// What names one end of an association.
struct LocalSide {
  uint16_t port = 0;
  VerificationTag tag;
  Tsn initial_tsn;
};

// What both sides agreed on, from one side's view.
struct Agreement {
  VerificationTag peer_tag;
  Tsn peer_initial_tsn;
  uint32_t peer_a_rwnd = 0;
  uint16_t outgoing_streams = 0;
  uint16_t incoming_streams = 0;
  bool forward_tsn = false;
  bool interleaving = false;
  std::vector<IpEndpoint> addresses;  // the peer's, beside the one it writes from

  friend bool operator==(const Agreement&, const Agreement&) = default;
};

// The receive window that is announced and kept.
[[nodiscard]] uint32_t announced_window(const SocketOptions& options);

// The INIT as it goes into a packet. `addresses` are ours beside the one it is sent from.
[[nodiscard]] Bytes make_init(const SocketOptions& options, const LocalSide& local,
                              const std::vector<IpEndpoint>& addresses);

// What is to be answered to an INIT or an INIT ACK that makes no association: an ABORT with these
// causes (RFC 9260 3.3.2, 5.1). Also for people.
struct Refusal {
  Bytes causes;
  std::string reason;
};
// From either; nothing when it can be accepted.
[[nodiscard]] std::optional<Refusal> refusal_of(VerificationTag tag, uint16_t outbound,
                                                uint16_t inbound, ByteView parameters);

// The answer to an acceptable INIT that came from `source` (RFC 9260 5.1.3). The cookie holds it
// all; nothing is remembered.
struct InitAnswer {
  LocalSide local;
  uint64_t local_tie_tag = 0;
  uint64_t peer_tie_tag = 0;
};
[[nodiscard]] Bytes make_init_ack(const SocketOptions& options, const InitChunk& init,
                                  const IpEndpoint& source, uint16_t peer_port,
                                  const InitAnswer& answer,
                                  const std::vector<IpEndpoint>& addresses,
                                  const CookieSigner& signer, Timestamp now);

// The side that gets its cookie back.
[[nodiscard]] Agreement agreement_of(const StateCookie& cookie);
// The side that gets the INIT ACK.
[[nodiscard]] Agreement agreement_of(const SocketOptions& options, const InitAckChunk& init_ack,
                                     const InitParameters& parameters, const IpEndpoint& source);

}  // namespace mayfly::sctp
