#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"
#include "core/units.h"

namespace mayfly {

struct EndOfMedia {};
struct NotYet {};  // nothing to read at the moment; on_ready will be called
using Reading = std::variant<Frame, EndOfMedia, NotYet>;

// A clip or live input as classified frames, in decode order over all tracks. Each player has a
// source of its own.
class MediaSource {
 public:
  virtual ~MediaSource() = default;

  // At least one; the video track first where there is one. Does not change.
  [[nodiscard]] virtual const std::vector<Track>& tracks() const = 0;
  // None for a live input.
  [[nodiscard]] virtual std::optional<Duration> duration() const = 0;
  // The next frame. After an error or EndOfMedia the same comes again until seek(). A damaged clip
  // gives its frames up to the damage, and goes on after it where the container allows.
  [[nodiscard]] virtual Result<Reading> next() = 0;
  // Goes on with the last keyframe of the video track whose pts is not after `position` (or the
  // first there is), other tracks from the same time. Frame numbers and gop begin again at 0. Fails
  // on a live input.
  [[nodiscard]] virtual Result<void> seek(MediaTime position) = 0;
  // Called from the loop when next() would no longer give NotYet. Sources that never give it ignore
  // this.
  virtual void set_on_ready(std::function<void()> on_ready) { static_cast<void>(on_ready); }
  // From any thread: a next() or seek() under way on another one returns soon, with Closed, and so
  // does every later one. For whoever must end while a disk or a network sleeps.
  virtual void cancel() {}
};

}  // namespace mayfly
