#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"
#include "transport/message.h"

namespace mayfly {

// What a transport did with each frame of a clip, and what it put on the wire for it: all that a
// judgement needs. Times count from the start of the playout.
struct DeliveryLog {
  struct FrameRecord {
    std::optional<Duration> completed;    // the whole frame was at the player
    std::optional<Abandonment> given_up;  // as the sender told last
  };

  std::vector<FrameRecord> frames;  // of the clip, in decode order
  // Everything the sender emitted towards the player since the start, with UDP and IP headers,
  // whether or not it arrived.
  uint64_t wire_bytes = 0;
  uint64_t wire_packets = 0;
  uint64_t chunks_retransmitted = 0;
  std::vector<Duration> queue_delays;  // of the packets that arrived
  // How late the link's process moved a packet at the most: of the real engine only.
  Duration most_behind{};
  std::string ended;  // why the session ended early; empty: it did not
};

}  // namespace mayfly
