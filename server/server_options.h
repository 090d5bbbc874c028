#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/units.h"
#include "delivery/delivery_policy.h"
#include "server/frame_sender.h"
#include "server/playout.h"

namespace mayfly {

// How one player is served. Every bound has its reason beside it.
struct SessionOptions {
  std::string software = "mayfly " MAYFLY_VERSION;
  DeliveryPolicy policy = prioritised();
  PlayoutOptions playout;
  FrameSenderOptions sender;

  Duration usual_playout_delay = 500ms;  // for a player that asks for 0
  // A player asks for a delay; it gets one within these.
  Duration shortest_playout_delay = 20ms;
  Duration longest_playout_delay = 30s;
  Duration report_interval = 200ms;

  // From the association to Hello. Where the handshake was retransmitted and the Hello is lost too,
  // usrsctp takes up to 8 s to send it again.
  Duration hello_limit = 10s;
  Duration idle_limit = 60s;  // without a clip that plays or is paused
  // Nothing heard from a player while a clip plays: it reports five times a second, so it hangs.
  Duration silence_limit = 15s;
  // A frame that must not be dropped found no room, and nothing was acknowledged, for so long.
  Duration stall_limit = 10s;
  Duration goodbye_limit = 2s;  // from our Bye to an abort

  size_t most_malformed_messages = 4;      // of one player; the next ends the session
  uint32_t most_requests_per_second = 50;  // each may cost a seek in a file
  size_t most_control_waiting = 256;       // messages for which there was no room

  friend bool operator==(const SessionOptions&, const SessionOptions&) = default;
};

struct ServerOptions {
  SessionOptions session;
  size_t most_sessions = 256;
  // How many more may be told at the same time that there is no room.
  size_t most_refusals = 64;
  Duration goodbye_limit = 3s;  // of all sessions together, when the server goes down

  friend bool operator==(const ServerOptions&, const ServerOptions&) = default;
};

}  // namespace mayfly
