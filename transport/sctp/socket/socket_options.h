#pragma once

#include "transport/sctp/tx/sender.h"
#include "transport/transport_options.h"

namespace mayfly::sctp {

// What an association of the engine is set up with: the settings that every stack shares, and what
// only this one has.
struct SocketOptions {
  TransportOptions transport{};
  // Offer I-DATA (RFC 8260). Only between two engines: the kernel numbers fragments wrongly and
  // usrsctp abandons the wrong ones.
  bool interleaving = false;
  // The first wait of an INIT; doubled up to rto_initial. It costs the peer nothing to answer
  // twice, and a lost INIT is the longest wait there is.
  Duration handshake_wait = 200ms;
  Duration cookie_lifespan = 60s;  // RFC 9260 16, Valid.Cookie.Life
  MakeCongestionControl congestion;
};

[[nodiscard]] SocketOptions default_socket_options(const TransportOptions& transport);
[[nodiscard]] SenderOptions sender_options(const SocketOptions& options);

}  // namespace mayfly::sctp
