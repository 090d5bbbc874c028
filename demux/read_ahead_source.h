#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/timer.h"
#include "demux/disposal.h"
#include "demux/media_source.h"

namespace mayfly {

struct ReadAheadOptions {
  size_t most_frames = 256;
  size_t most_bytes = size_t{8} << 20;  // one frame is read even where it is larger
  // Waits for the reading thread when the source is destroyed. Null: its destructor does.
  std::shared_ptr<Disposal> disposal{};
};

// Reads another source on a thread of its own into a bounded queue, so that a slow disk or network
// never holds up the loop: next() gives NotYet instead of waiting. Used from the loop's thread
// alone; on_ready is called there too, by way of the executor.
//
// seek() returns at once: next() gives NotYet until the inner source has landed, and then the
// landing frame or the error of the seek. May be destroyed at any time, also from within on_ready;
// that cancels what the inner source is doing and waits for its thread, or has the disposal wait.
// The executor must outlive the source, and may run what was posted after the source is gone.
class ReadAheadSource final : public MediaSource {
 public:
  ReadAheadSource(std::unique_ptr<MediaSource> inner, Executor& loop, ReadAheadOptions options);
  ~ReadAheadSource() override;

  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override { return duration_; }
  [[nodiscard]] Result<Reading> next() override;
  // Fails at once for a live input, as far as that is known; otherwise the outcome comes by next().
  [[nodiscard]] Result<void> seek(MediaTime position) override;
  void set_on_ready(std::function<void()> on_ready) override;
  void cancel() override;

 private:
  class Worker;

  std::vector<Track> tracks_;
  std::optional<Duration> duration_;
  std::shared_ptr<Disposal> disposal_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace mayfly
