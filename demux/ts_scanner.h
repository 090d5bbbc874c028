#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/bytes.h"

namespace mayfly {

// What a transport stream's packets say of their way here.
struct TsFigures {
  uint64_t packets = 0;
  uint64_t gaps = 0;           // a counter went on where packets before it are missing
  uint64_t damaged = 0;        // packets that say of themselves that they are in error
  uint64_t foreign_bytes = 0;  // between packets, and before the first: no transport stream

  friend bool operator==(const TsFigures&, const TsFigures&) = default;
};

// Follows the packets of an MPEG transport stream (ISO/IEC 13818-1 2.4.3.2) as its bytes come in,
// cut anywhere, and counts what is missing. Frames are made elsewhere; this tells what a demuxer
// keeps to itself.
class TsScanner {
 public:
  void add(ByteView bytes);

  [[nodiscard]] const TsFigures& figures() const { return figures_; }
  // So many bytes came, and no packet among them: these are no MPEG-TS.
  [[nodiscard]] bool is_foreign() const {
    return figures_.packets == 0 && figures_.foreign_bytes >= kMostForeignBytes;
  }
  // Bytes of a packet that began and has not ended.
  [[nodiscard]] size_t incomplete_bytes() const { return is_in_step_ ? rest_.size() : 0; }

  static constexpr size_t kMostForeignBytes = 64 << 10;

 private:
  // Where packets begin in rest_, if enough of them follow one another to be sure.
  [[nodiscard]] bool find_step();
  void count(ByteView packet);

  Bytes rest_;  // not yet counted: less than a packet in step, less than a few out of it
  bool is_in_step_ = false;
  std::unordered_map<uint16_t, uint8_t> counters_;  // of each PID's last packet with payload
  TsFigures figures_;
};

}  // namespace mayfly
