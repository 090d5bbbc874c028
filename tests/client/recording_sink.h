#pragma once

#include <optional>
#include <vector>

#include "core/clock.h"
#include "core/frame_sink.h"

namespace mayfly {

// Keeps every frame, and fails when told to.
class RecordingSink final : public FrameSink {
 public:
  explicit RecordingSink(const Clock& clock) : clock_(clock) {}

  Result<void> start(const std::vector<Track>& started_with) override {
    tracks = started_with;
    ++starts;
    return fails_at_start ? Result<void>(failure(ErrorCode::Io, "no such folder")) : Result<void>();
  }
  Result<void> consume(const Frame& frame, Timestamp due) override {
    if (fails_after && frames.size() >= *fails_after) {
      return failure(ErrorCode::Io, "write clip.mkv: No space left on device");
    }
    frames.push_back(frame);
    lateness.push_back(clock_.now() - due);
    return {};
  }
  void pause() override { ++pauses; }
  void resume() override { ++resumes; }
  void discontinuity() override { jumped_before.push_back(frames.size()); }
  Result<void> finish() override {
    ++finishes;
    return {};
  }

  std::vector<Track> tracks;
  std::vector<Frame> frames;
  std::vector<Duration> lateness;
  std::vector<size_t> jumped_before;
  int starts = 0;
  int pauses = 0;
  int resumes = 0;
  int finishes = 0;
  bool fails_at_start = false;
  std::optional<size_t> fails_after;

 private:
  const Clock& clock_;
};

}  // namespace mayfly
