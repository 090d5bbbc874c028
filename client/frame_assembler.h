#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <tuple>

#include "client/recent_frames.h"
#include "core/frame.h"
#include "core/units.h"
#include "wire/frame_piece.h"

namespace mayfly {

// A frame that came together.
struct AssembledFrame {
  wire::Epoch epoch;
  Frame frame;
  Duration sent_at{};         // on the server's clock, since its session began
  Timestamp first_arrival{};  // of any piece of it
  Timestamp completed{};
};

struct FrameAssemblerOptions {
  // Of the pieces held of frames under way: two of the largest frames, and one more behind them.
  size_t max_bytes = size_t{3} * wire::kMaxFrameBytes;
  // Frames under way at once: at 60 pictures and 50 audio frames a second more than half a minute.
  size_t max_frames = 4096;
};

struct FrameAssemblerCounters {
  uint64_t pieces = 0;       // all that were handed in
  uint64_t duplicates = 0;   // of a piece or of a whole frame that is here already
  uint64_t conflicting = 0;  // overlap what is here, or tell another size of the frame
  uint64_t outdated = 0;     // of an epoch, or so old a frame, that nobody waits for
  uint64_t frames = 0;       // completed
  uint64_t given_up = 0;     // incomplete frames forgotten, idle for long or pushed out by a bound

  friend bool operator==(const FrameAssemblerCounters&, const FrameAssemblerCounters&) = default;
};

// Puts frames together from their pieces, which come in any order, more than once, or never. What
// it holds is bounded by what really arrived, never by what a piece announces. Several epochs may
// be under way at once, because a new one's first pieces may overtake its announcement.
class FrameAssembler {
 public:
  explicit FrameAssembler(FrameAssemblerOptions options = {});

  // The frame, when this was the piece it lacked.
  [[nodiscard]] std::optional<AssembledFrame> insert(const wire::FramePiece& piece, Timestamp now);

  // Pieces of epochs before `oldest` are no longer taken, from now on (epochs wrap: is_before).
  void retire_before(wire::Epoch oldest);
  // Gives up the frames of which nothing has come since.
  void forget_idle_since(Timestamp then);

  [[nodiscard]] const FrameAssemblerCounters& counters() const { return counters_; }
  [[nodiscard]] size_t frames_under_way() const { return partials_.size(); }
  [[nodiscard]] size_t bytes_under_way() const { return bytes_; }

 private:
  using TrackKey = std::tuple<wire::Epoch, TrackId>;
  using Key = std::tuple<wire::Epoch, TrackId, FrameNumber>;
  struct Partial {
    uint32_t frame_bytes = 0;
    uint32_t received_bytes = 0;
    std::optional<wire::FrameDescription> description;
    std::map<uint32_t, Bytes> pieces;  // by offset
    Timestamp first_arrival{};
    Timestamp last_arrival{};
    std::list<Key>::iterator age;
  };
  enum class Fit : uint8_t { New, Duplicate, Conflict };

  [[nodiscard]] bool is_outdated(const wire::FramePiece& piece) const;
  [[nodiscard]] Partial& partial_for(const Key& key, const wire::FramePiece& piece, Timestamp now);
  [[nodiscard]] static Fit fit_of(const Partial& partial, const wire::FramePiece& piece);
  [[nodiscard]] AssembledFrame join(const Key& key, Partial& partial, Timestamp now);
  void keep_within_bounds(const Key& newest);
  void erase(std::map<Key, Partial>::iterator at);

  FrameAssemblerOptions options_;
  std::optional<wire::Epoch> oldest_;
  std::map<Key, Partial> partials_;
  std::list<Key> by_age_;  // by first arrival
  std::map<TrackKey, RecentFrames> completed_;
  size_t bytes_ = 0;
  FrameAssemblerCounters counters_;
};

// Whether `a` began before `b`, for epochs fewer than 128 apart.
[[nodiscard]] bool is_before(wire::Epoch a, wire::Epoch b);

}  // namespace mayfly
