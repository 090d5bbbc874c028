#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

#include "transport/message.h"

namespace mayfly {

// How much of what was handed to the kernel is not on the wire yet. Linux does not say, but it
// counts the DATA chunks it sent for the first time; what was handed over and neither sent nor
// dropped waits. The kernel's own cutting of a large message may differ by a chunk or two from the
// count here, and the difference heals whenever nothing waits.
//
// Where messages can interleave (RFC 8260) the kernel sends what is more urgent first; else it
// sends in order, and all has the same urgency here.
class StackBacklog {
 public:
  // A message was handed over; the stack cuts it into chunks of this payload at most.
  void handed_over(size_t message_bytes, size_t chunk_payload_bytes, Priority urgency = 0);
  // As the kernel counts: DATA chunks sent for the first time since the association began.
  void update(uint64_t chunks_sent);
  // A chunk was dropped before it was ever sent.
  void chunk_dropped();
  // Everything handed over is acknowledged or abandoned.
  void clear();

  [[nodiscard]] size_t unsent_bytes() const { return unsent_bytes_; }
  // What goes before a message of this urgency.
  [[nodiscard]] size_t unsent_bytes_before(Priority urgency) const;

 private:
  void trim();

  uint64_t chunks_handed_over_ = 0;
  uint64_t chunks_dropped_ = 0;
  uint64_t chunks_sent_ = 0;
  struct Waiting {
    size_t bytes = 0;
    std::deque<size_t> chunks;  // their payloads, in the order they go
  };

  uint64_t unsent_chunks_ = 0;
  size_t unsent_bytes_ = 0;
  std::map<Priority, Waiting> unsent_;  // the most urgent go first
};

}  // namespace mayfly
