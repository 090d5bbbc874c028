#pragma once

#include <cstdint>
#include <optional>

#include "core/units.h"
#include "transport/ip_endpoint.h"
#include "transport/sctp/packet/cookie/unguessable_numbers.h"

namespace mayfly::sctp {

// The state of one address of the peer: whether it answers (RFC 9260 5.4, 8.2, 8.3). Pure; the
// round trip and the window are SendPath's.
class PeerPath {
 public:
  PeerPath(const IpEndpoint& address, bool confirmed) : address_(address), confirmed_(confirmed) {}

  [[nodiscard]] const IpEndpoint& address() const { return address_; }
  // Where the peer is from now on, and has answered from: its NAT gave it another port.
  void move_to(const IpEndpoint& address) {
    address_ = address;
    confirmed_ = true;
  }

  // RFC 9260 5.4: whether the peer has shown to be there.
  [[nodiscard]] bool is_confirmed() const { return confirmed_; }
  [[nodiscard]] bool is_active() const { return confirmed_ && active_; }
  // Since the peer was last heard from here.
  [[nodiscard]] uint32_t errors() const { return errors_; }
  // Something sent here was not answered in time; `limit` is Path.Max.Retrans (RFC 9260 8.2).
  void on_error(uint32_t limit) {
    ++errors_;
    if (errors_ > limit) active_ = false;
  }
  // The peer acknowledged something that was sent here.
  void on_answer() {
    errors_ = 0;
    active_ = true;
  }

  // Heartbeats. One is outstanding, or the next is due at a time.
  [[nodiscard]] Timestamp heartbeat_at() const { return heartbeat_at_; }
  void set_heartbeat_at(Timestamp at) { heartbeat_at_ = at; }
  [[nodiscard]] bool is_waiting() const { return nonce_.has_value(); }
  // What to send, and when to miss it.
  uint64_t begin_heartbeat(UnguessableNumbers& numbers, Timestamp now, Timestamp missed_at) {
    nonce_ = numbers.u64();
    sent_ = now;
    heartbeat_at_ = missed_at;
    return *nonce_;
  }
  void miss_heartbeat() { nonce_.reset(); }
  // The round trip, when this answers the outstanding one: the address is confirmed then.
  [[nodiscard]] std::optional<Duration> answer_heartbeat(uint64_t nonce, Timestamp now) {
    if (nonce_ != nonce) return std::nullopt;
    nonce_.reset();
    confirmed_ = true;
    return now - sent_;
  }

 private:
  IpEndpoint address_;
  bool confirmed_;
  bool active_ = true;
  uint32_t errors_ = 0;
  Timestamp heartbeat_at_{};
  std::optional<uint64_t> nonce_;
  Timestamp sent_{};
};

}  // namespace mayfly::sctp
