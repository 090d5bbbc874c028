#pragma once

#include <cstddef>
#include <cstdint>

#include "core/frame.h"
#include "core/units.h"
#include "delivery/delivery_policy.h"
#include "transport/message.h"

namespace mayfly {

// How the packets of a transport stream are sent.
enum class TsDelivery : uint8_t {
  Reliable,  // every byte in order on stream 0, as ffmpeg sends them
  ByClass,   // each frame's packets live as long as its class allows; sound on a stream of its own
};

// How the stream ends when the clip is over and all of it was acknowledged.
enum class TsEnding : uint8_t {
  Shutdown,  // in good order (RFC 9260 9.2)
  Abort,     // at once: the end that readers see who overlook a shutdown, as ffmpeg's do
};

struct TsFeedOptions {
  TsDelivery delivery = TsDelivery::Reliable;
  TsEnding ending = TsEnding::Shutdown;
  bool loop = false;
  // Of ByClass: the lifetimes, and what "auto" is, as there is no player to agree on a delay with.
  DeliveryPolicy policy = prioritised();
  Duration playout_delay = 500ms;
  // Nothing was acknowledged for so long while packets wait.
  Duration stall_limit = 10s;
  // How long an ending may take; then it is an abort.
  Duration goodbye_limit = 3s;
  Duration tick = 200ms;

  friend bool operator==(const TsFeedOptions&, const TsFeedOptions&) = default;
};

struct TsRoute {
  StreamId stream;
  SendOptions options;
};

// Which way the packets of a frame go, to a reader that takes `streams` of them.
[[nodiscard]] TsRoute ts_route(const TsFeedOptions& options, FrameClass frame_class,
                               uint16_t streams);

}  // namespace mayfly
