#pragma once

#include <string>

#include "tests/simulation/outcome.h"
#include "tests/simulation/simulated_world.h"

namespace mayfly {

// One player, one clip, one link, from the first packet to the last, told as a story:
//
//   SessionRun().media(shape).link("loss=5%,delay=40ms").policy(prioritised()).seeded(7).play()
//
// Tests that meddle in the middle have a SimulatedWorld of their own.
class SessionRun {
 public:
  SessionRun& media(const SyntheticShape& shape);
  // As parse_path_model() reads it; "down." is towards the player.
  SessionRun& link(const std::string& text);
  SessionRun& policy(const DeliveryPolicy& policy);
  // Whole frames or pieces, for every class.
  SessionRun& messages(MessageForm form);
  SessionRun& playout_delay(Duration delay);
  // What may wait in front of the stack at either side.
  SessionRun& send_queue(size_t bytes);
  SessionRun& seeded(uint64_t seed);

  // Plays to the end and lets everybody say goodbye. The same story gives the same outcome.
  [[nodiscard]] Outcome play() const;

 private:
  SimulatedWorld::Settings settings_;
  std::string link_;
  Duration playout_delay_{400'000};
};

}  // namespace mayfly
