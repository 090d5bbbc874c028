#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/frame_sink.h"
#include "core/timer.h"

namespace mayfly {

struct GstPlayerOptions {
  // As gst-launch-1.0 writes them. The automatic ones take whatever the desktop offers.
  std::string video_sink = "autovideosink";
  std::string audio_sink = "autoaudiosink";
  std::string title = "mayfly";  // of the window
  // Frames are handed over when they are due at the decoder, so everything is shown this much
  // later: the time a decoder may take. The same for picture and sound.
  Duration decoding_time = 60ms;
  // Per track, waiting for the decoder; the pictures of a paused player wait here too.
  size_t max_queued_bytes = 64U << 20U;
};

// What reached the screen and the sound card.
struct GstPlayerStats {
  uint64_t pictures_shown = 0;
  uint64_t pictures_dropped_late = 0;  // decoded far too late to be shown
  uint64_t sounds_played = 0;          // buffers
  uint64_t frames_refused = 0;         // the decoder was too far behind
};

// Shows frames in a window and plays their sound, in step: one GStreamer pipeline whose clock is
// the monotonic one, a live source per track. Used from the loop's thread; GStreamer's own threads
// hand in what they have to say through the executor.
//
// As a FrameSink: start() fails with Unsupported, naming the codec and the package that would help,
// when no track can be played; when only some can, it warns and plays those. finish() blocks until
// what was consumed is shown, which takes as long as the last picture is due, or the window is
// closed.
class GstPlayer : public FrameSink {
 public:
  struct Listener {
    // The picture is gone: Closed when the viewer closed the window, Io when GStreamer gave up.
    // From then on consume() fails with the same error. Called once, from the loop.
    std::function<void(const Error&)> on_ended = [](const Error&) {};
    // Something does not work, and playback goes on without it: a track no decoder is there for.
    std::function<void(const std::string&)> on_warning = [](const std::string&) {};
  };

  // Fails with Unsupported when GStreamer does not start or no window opens. `clock` and `loop`
  // must outlive the player.
  [[nodiscard]] static Result<std::unique_ptr<GstPlayer>> create(GstPlayerOptions options,
                                                                 const Clock& clock, Executor& loop,
                                                                 Listener listener);

  [[nodiscard]] virtual GstPlayerStats stats() const = 0;
};

}  // namespace mayfly
