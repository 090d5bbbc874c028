#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/frame.h"
#include "core/units.h"
#include "telemetry/transport_summary.h"

namespace mayfly {

// What became of the frames of one class, as far as it is final. The six states sum to `sent`: a
// frame is never dropped silently and never counted twice.
struct ClassFates {
  uint64_t sent = 0;              // due at the server in this playout, sent or not
  uint64_t on_time = 0;           // complete before its deadline and decodable
  uint64_t late = 0;              // complete, after its deadline
  uint64_t abandoned_unsent = 0;  // given up before anything of it was on the wire
  uint64_t abandoned_sent = 0;    // given up after some of it was, and never complete at the player
  uint64_t lost = 0;              // not given up as far as anyone knows, and never complete
  uint64_t undecodable = 0;       // complete in time, but something it depends on was not
  uint64_t bytes = 0;             // of the frames that arrived complete

  friend bool operator==(const ClassFates&, const ClassFates&) = default;
};

// Over frames that arrived complete, from the moment the server handed them to the stack. Says
// nothing of those that never came: read it beside the fates.
struct LatencySummary {
  uint64_t frames = 0;
  Duration p50{}, p95{}, p99{}, max{};

  friend bool operator==(const LatencySummary&, const LatencySummary&) = default;
};

// A freeze: the gap between two shown pictures reached max(3 x average, average + 150 ms), the
// average over the last 30 gaps (W3C webrtc-stats, freezeCount).
struct FreezeSummary {
  uint64_t count = 0;
  Duration longest{};
  Duration total{};

  friend bool operator==(const FreezeSummary&, const FreezeSummary&) = default;
};

// What the packets of an MPEG transport stream say of their way (ISO/IEC 13818-1 2.4.3.2).
struct TransportStreamFigures {
  uint64_t packets = 0;
  uint64_t gaps = 0;           // places where packets are missing
  uint64_t damaged = 0;        // packets marked as in error by who sent them
  uint64_t foreign_bytes = 0;  // that belong to no packet

  friend bool operator==(const TransportStreamFigures&, const TransportStreamFigures&) = default;
};

// What a player knows of a playout when it is over, or so far.
struct PlaybackStats {
  std::string clip;
  std::string url;
  std::string policy;
  std::string transport;
  std::string impairment;  // the link specification, empty when none
  Duration playout_delay{};
  std::array<ClassFates, kFrameClassCount> classes;
  std::array<LatencySummary, kFrameClassCount> latency_by_class;
  LatencySummary latency;
  FreezeSummary freezes;
  std::optional<Duration> startup;  // from asking for the clip to its first picture
  Duration played{};                // media time shown
  uint64_t bytes_received = 0;
  uint64_t packets_received = 0;
  Duration round_trip{};
  TransportSummary association;
  // Of a stream whose sender tells of no frames: then `sent` is what arrived, as far as it could be
  // made into frames, and what never came shows here only.
  std::optional<TransportStreamFigures> transport_stream;
  bool complete = false;  // whether the clip was played to its end

  [[nodiscard]] ClassFates& of(FrameClass each) { return classes[index_of(each)]; }
  [[nodiscard]] const ClassFates& of(FrameClass each) const { return classes[index_of(each)]; }
  // Share of all video frames that were on time and decodable; 0 when there were none.
  [[nodiscard]] double q() const;
};

}  // namespace mayfly
