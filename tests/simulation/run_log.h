#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "core/bytes.h"
#include "netsim/simulated_network.h"

namespace mayfly {

// Anything, as a number that another run of the same seed must come to again (FNV-1a).
class Digest {
 public:
  void add(uint64_t value) { value_ = (value_ ^ value) * 0x100000001b3ULL; }
  void add(ByteView bytes) {
    for (const std::byte each : bytes) add(std::to_integer<uint64_t>(each));
  }
  void add(Timestamp when) { add(static_cast<uint64_t>(when.time_since_epoch().count())); }
  [[nodiscard]] uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325ULL;
};

// What happened in a run: the digest of every packet, and for whoever reads about a failure the
// last events and the last packets.
class RunLog {
 public:
  void note(Timestamp when, std::string what);
  void note(const SimulatedNetwork::Fate& packet);

  [[nodiscard]] uint64_t digest() const { return digest_.value(); }
  [[nodiscard]] std::string tail() const;

 private:
  static constexpr size_t kMostEvents = 30;
  static constexpr size_t kMostPackets = 20;

  struct Event {
    Timestamp when{};
    std::string what;
  };
  struct Packet {
    Timestamp sent{};
    IpEndpoint from, to;
    size_t bytes = 0;
    std::optional<Timestamp> arrives;
  };

  std::deque<Event> events_;
  std::deque<Packet> packets_;
  Digest digest_;
};

}  // namespace mayfly
