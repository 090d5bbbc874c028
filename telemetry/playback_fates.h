#pragma once

#include <array>
#include <string_view>

#include "telemetry/playback_stats.h"

namespace mayfly {

// One of the six final states of a frame, with its name on screen and in JSON. The printers walk
// this list, so that none of them can forget a state.
struct FateColumn {
  std::string_view key;    // in JSON: "abandoned_unsent"
  std::string_view title;  // for people: "abandoned unsent"
  uint64_t ClassFates::*count;
};

inline constexpr std::array<FateColumn, 6> kFateColumns = {{
    {"on_time", "on time", &ClassFates::on_time},
    {"late", "late", &ClassFates::late},
    {"abandoned_unsent", "abandoned unsent", &ClassFates::abandoned_unsent},
    {"abandoned_sent", "abandoned sent", &ClassFates::abandoned_sent},
    {"lost", "lost", &ClassFates::lost},
    {"undecodable", "undecodable", &ClassFates::undecodable},
}};

// Adds up every count, bytes included.
[[nodiscard]] ClassFates operator+(ClassFates left, const ClassFates& right);
// Of all classes, audio included.
[[nodiscard]] ClassFates all_frames(const PlaybackStats& stats);
// Whether the six states sum to `sent`: what every printed number stands on.
[[nodiscard]] bool adds_up(const ClassFates& fates);

}  // namespace mayfly
