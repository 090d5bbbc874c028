#pragma once

#include <memory>
#include <vector>

#include "core/bytes.h"
#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"

namespace mayfly {

// Whole packets of an MPEG transport stream (ISO/IEC 13818-1 2.4.3).
inline constexpr size_t kTsPacketBytes = 188;

// Makes frames into an MPEG transport stream, one frame at a time: what comes back for a frame are
// the packets that hold it, its tables and clock with it where they are due. So whoever sends them
// knows what each packet is worth.
class TsMuxer {
 public:
  // Fails with Unsupported and a sentence that names the codec when MPEG-TS does not hold a track.
  [[nodiscard]] static Result<void> check(const std::vector<Track>& tracks);
  // As check() does.
  [[nodiscard]] static Result<std::unique_ptr<TsMuxer>> create(const std::vector<Track>& tracks);
  ~TsMuxer();
  TsMuxer(const TsMuxer&) = delete;
  TsMuxer& operator=(const TsMuxer&) = delete;

  // The packets that end with this frame, a multiple of kTsPacketBytes. Frames come in decode
  // order. Malformed when the muxer takes no such frame; the next may do.
  [[nodiscard]] Result<Bytes> mux(const Frame& frame);

 private:
  class State;
  explicit TsMuxer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace mayfly
