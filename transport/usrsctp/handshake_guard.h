#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "core/units.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// Decides which packets of strangers a listening stack gets to see. An INIT costs the sender
// nothing and us a signature, so they are rationed; and a cookie must come back from the address
// its INIT came from, which the stack does not check as it knows no addresses: else one could make
// us stream at a third party.
class HandshakeGuard {
 public:
  struct Limits {
    double inits_per_second = 200;
    double init_burst = 512;
    // Answers remembered: some seconds of INITs at the full rate.
    size_t remembered = 4096;
  };
  HandshakeGuard() : HandshakeGuard(Limits{}) {}
  explicit HandshakeGuard(const Limits& limits) : limits_(limits), tokens_(limits.init_burst) {}

  // Whether one more INIT may pass at `now`, and counts it if so.
  [[nodiscard]] bool admit_init(Timestamp now);
  // An INIT ACK with this initiate tag went to `peer`.
  void answered(uint32_t tag, const IpEndpoint& peer);
  // Whether a COOKIE ECHO with this verification tag may come from `peer`.
  [[nodiscard]] bool admit_cookie(uint32_t tag, const IpEndpoint& peer) const;

 private:
  Limits limits_;
  double tokens_;
  Timestamp refilled_{};
  std::unordered_map<uint32_t, IpEndpoint> peers_;
  std::deque<uint32_t> oldest_first_;
};

}  // namespace mayfly
