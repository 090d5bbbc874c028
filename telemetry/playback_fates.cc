#include "telemetry/playback_fates.h"

namespace mayfly {

ClassFates operator+(ClassFates left, const ClassFates& right) {
  left.sent += right.sent;
  left.bytes += right.bytes;
  for (const FateColumn& each : kFateColumns) left.*each.count += right.*each.count;
  return left;
}

ClassFates all_frames(const PlaybackStats& stats) {
  ClassFates sum;
  for (const ClassFates& each : stats.classes) sum = sum + each;
  return sum;
}

bool adds_up(const ClassFates& fates) {
  uint64_t sum = 0;
  for (const FateColumn& each : kFateColumns) sum += fates.*each.count;
  return sum == fates.sent;
}

}  // namespace mayfly
