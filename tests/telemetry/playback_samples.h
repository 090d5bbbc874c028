#pragma once

#include "telemetry/playback_stats.h"

namespace mayfly {

// A playout with a different number in every place, so that a mix-up of two shows.
inline PlaybackStats a_playout() {
  PlaybackStats stats;
  stats.clip = "cube.mpeg";
  stats.url = "mayfly://127.0.0.1:9899/cube.mpeg";
  stats.policy = "prioritised";
  stats.transport = "usrsctp";
  stats.impairment = "loss=3%,delay=20ms,seed=7";
  stats.playout_delay = 200ms;
  stats.of(FrameClass::I) = {.sent = 10, .on_time = 10, .bytes = 100'000};
  stats.of(FrameClass::P) = {.sent = 90,
                             .on_time = 70,
                             .late = 7,
                             .abandoned_unsent = 6,
                             .abandoned_sent = 4,
                             .lost = 2,
                             .undecodable = 1,
                             .bytes = 80'000};
  stats.of(FrameClass::B) = {.sent = 100, .on_time = 95, .lost = 5, .bytes = 50'000};
  stats.latency_by_class[index_of(FrameClass::I)] = {
      .frames = 10, .p50 = 42ms, .p95 = 91ms, .p99 = 120ms, .max = 130ms};
  stats.latency = {.frames = 183, .p50 = 33500us, .p95 = 80ms, .p99 = 110ms, .max = 230ms};
  stats.freezes = {.count = 2, .longest = 310ms, .total = 500ms};
  stats.startup = 180ms;
  stats.played = 8s;
  stats.bytes_received = 240'000;
  stats.packets_received = 300;
  stats.round_trip = 40ms;
  stats.association.streams = {{.stream = 0,
                                .carries = "control",
                                .messages_sent = 41,
                                .bytes_sent = 1042,
                                .messages_received = 43,
                                .bytes_received = 2044},
                               {.stream = 2,
                                .carries = "p",
                                .messages_received = 345,
                                .bytes_received = 240'045,
                                .abandoned_unsent = 46,
                                .abandoned_sent = 47}};
  stats.association.paths = {{.address = "192.0.2.1:9899",
                              .active = true,
                              .primary = true,
                              .smoothed_rtt = 48ms,
                              .retransmission_timeout = 149ms,
                              .congestion_window_bytes = 15'050,
                              .mtu_bytes = 1451}};
  stats.association.events = {{"association-up", 1}, {"path-unreachable", 52}};
  stats.association.packets_sent = 53;
  stats.association.chunks_retransmitted = 54;
  stats.complete = true;
  return stats;
}

}  // namespace mayfly
