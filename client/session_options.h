#pragma once

#include <string>

#include "client/playback.h"
#include "core/units.h"

namespace mayfly {

struct PlayRequest {
  std::string clip;
  MediaTime position{};
  // From a frame's decode time to its showing: what the network may take in all. Half a second lets
  // a lost packet be sent again four times at a round trip of 100 ms.
  Duration playout_delay = 500ms;
  bool loop = false;
};

struct ClientOptions {
  std::string software = "mayfly " MAYFLY_VERSION;
  Duration report_interval = 200ms;
  // How long the server may take to answer before the session is given up. A clip on a slow disk is
  // opened within it.
  Duration answer_limit = 10s;
  // How long stop() waits for the last fates to be told.
  Duration stop_limit = 2s;
  // How long saying goodbye may take in all.
  Duration farewell_limit = 4s;
  PlaybackOptions playback;
};

}  // namespace mayfly
