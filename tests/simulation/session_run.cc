#include "tests/simulation/session_run.h"

namespace mayfly {
namespace {

// A player gives an answer ten seconds and a frame's fate ten more; goodbyes take four.
constexpr Duration kPatience = 60s;
constexpr Duration kGoodbyes = 5s;

}  // namespace

SessionRun& SessionRun::media(const SyntheticShape& shape) {
  settings_.clip = shape;
  return *this;
}

SessionRun& SessionRun::link(const std::string& text) {
  link_ = text;
  return *this;
}

SessionRun& SessionRun::policy(const DeliveryPolicy& policy) {
  settings_.server.session.policy = policy;
  return *this;
}

SessionRun& SessionRun::messages(MessageForm form) {
  for (Delivery& each : settings_.server.session.policy.classes) each.message = form;
  return *this;
}

SessionRun& SessionRun::playout_delay(Duration delay) {
  playout_delay_ = delay;
  return *this;
}

SessionRun& SessionRun::send_queue(size_t bytes) {
  settings_.transport.send_queue_bytes = bytes;
  settings_.transport.send_queue_low_bytes = bytes / 4;
  return *this;
}

SessionRun& SessionRun::seeded(uint64_t seed) {
  settings_.seed = seed;
  return *this;
}

Outcome SessionRun::play() const {
  SimulatedWorld world(settings_);
  SimulatedPlayer& player = world.join("the player", link_);
  player.session().play({.clip = SimulatedWorld::kClip, .playout_delay = playout_delay_});
  const Duration clip = *SyntheticSource(settings_.clip).duration();
  // Under a policy that drops nothing a slow link may take several times as long as the clip.
  (void)world.run_until_finished(player, clip * 8 + kPatience);
  world.run_for(kGoodbyes);
  return world.outcome(player);
}

}  // namespace mayfly
