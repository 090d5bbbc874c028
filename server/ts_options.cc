#include "server/ts_options.h"

#include <variant>

namespace mayfly {
namespace {

constexpr StreamId kPictureStream{0};
constexpr StreamId kSoundStream{1};

}  // namespace

// Always in order, and pictures with one priority: a packet counter per PID makes a demuxer drop
// what comes out of turn, and a picture that overtakes another is decoded against the wrong one. An
// expired message is skipped in its turn (RFC 3758 3.5), which costs those behind it no more than
// its lifetime. Sound is another PID, so it may overtake.
TsRoute ts_route(const TsFeedOptions& options, FrameClass frame_class, uint16_t streams) {
  TsRoute route{kPictureStream, SendOptions{}};
  if (options.delivery == TsDelivery::Reliable) return route;
  const bool is_sound = frame_class == FrameClass::Audio;
  route.options.priority = is_sound ? 0 : 1;
  if (is_sound && streams > kSoundStream.value()) route.stream = kSoundStream;
  const Lifetime& lifetime = options.policy.for_class(frame_class).lifetime;
  if (std::holds_alternative<UntilDeadline>(lifetime)) {
    route.options.lifetime = options.playout_delay;
  } else if (const auto* duration = std::get_if<Duration>(&lifetime)) {
    route.options.lifetime = *duration;
  } else if (const auto* limit = std::get_if<Retransmissions>(&lifetime)) {
    route.options.max_retransmissions = limit->limit;
  }
  return route;
}

}  // namespace mayfly
