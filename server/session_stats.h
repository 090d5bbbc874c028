#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/frame.h"
#include "core/units.h"
#include "server/fate_ledger.h"
#include "transport/association_stats.h"
#include "wire/control.h"

namespace mayfly {

enum class SessionState : uint8_t {
  Greeting,  // no Hello yet
  Idle,      // nothing plays
  Opening,   // a clip is being opened
  Playing,
  Paused,
  Draining,  // all of the clip was handed over; its last frames are on their way
  Leaving,   // a Bye was said
};
[[nodiscard]] std::string_view to_string(SessionState state);  // "playing"

// What a server knows of one player at a moment, for a live table, metrics and log lines.
struct SessionStats {
  uint64_t id = 0;  // counts the server's sessions from 1
  std::string peer;
  std::string software;  // as the player says; empty before its Hello
  SessionState state = SessionState::Greeting;
  std::string clip;  // empty when none was played yet
  std::string policy;
  Duration connected{};               // for how long
  std::optional<MediaTime> position;  // decode time handed over last
  Duration playout_delay{};
  std::array<SenderClassStats, kFrameClassCount> classes;
  Duration round_trip{};
  size_t congestion_window_bytes = 0;
  size_t buffered_bytes = 0;
  uint64_t chunks_retransmitted = 0;
  uint64_t malformed_messages = 0;
  AssociationStats transport;
  std::map<StreamId, std::string> stream_names;  // what each of its streams carries: "p"
  // As the player said last; none before its first report.
  std::optional<wire::ReceiverReport> report;

  [[nodiscard]] const SenderClassStats& of(FrameClass each) const {
    return classes[index_of(each)];
  }
};

}  // namespace mayfly
