#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/track.h"
#include "core/units.h"
#include "demux/byte_pipe.h"
#include "demux/damage_tally.h"
#include "demux/frame_builder.h"
#include "demux/libav/container_follower.h"
#include "demux/libav/libav_handles.h"

namespace mayfly {

// Anything libavformat opens, as packets of its video and audio tracks. Other tracks and cover art
// are left out.
class LibavInput {
 public:
  struct TrackPacket {
    size_t track = 0;  // index into tracks()
    CodedPacket packet;
  };

  // `name` is a path or a URL; local files reach no network. Errors name it. A stop that is
  // requested is as good as cancel(), also while there is no input yet to cancel.
  [[nodiscard]] static Result<std::unique_ptr<LibavInput>> open(const std::string& name,
                                                                std::stop_token stop = {});
  // A live input in the container `format` ("mpegts"), whose bytes somebody else fetches; `name` is
  // for errors only. cancel() cancels the pipe as well.
  [[nodiscard]] static Result<std::unique_ptr<LibavInput>> open(const std::string& name,
                                                                std::shared_ptr<BytePipe> bytes,
                                                                const std::string& format);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string format_name() const;
  [[nodiscard]] const std::vector<Track>& tracks() const { return layout_.tracks; }
  // How the track's packets become frames.
  [[nodiscard]] FrameBuilder::Options builder_options(size_t track) const;
  [[nodiscard]] bool is_live() const;
  // As the container tells or its last times show, which is not how long the clip takes where its
  // clock jumped; none where neither does.
  [[nodiscard]] std::optional<Duration> duration() const;
  // The earliest time in the container, which need not be zero.
  [[nodiscard]] MediaTime start_time() const;
  // Whether times are told throughout and the container knows where they lie in the file, so that
  // seek_near() does what it says.
  [[nodiscard]] bool has_index() const;

  // Whether the container's times are those of a clock that ran while it was recorded, and jump
  // where recordings were joined.
  [[nodiscard]] bool clock_may_jump() const;

  // The next packet, or none at the end. Malformed at damage that cannot be read past, and at the
  // end of a clip in which damage was read past; Closed after cancel().
  [[nodiscard]] Result<std::optional<TrackPacket>> read();
  // Goes on somewhere before `time` (decode time of the first track, in the container's terms), as
  // near as the container manages. False when it cannot.
  [[nodiscard]] bool seek_near(MediaTime time);
  // Goes on from the first packet. When the file has gone or is another clip by now, that is the
  // error, and reading can go on where it was.
  [[nodiscard]] Result<void> rewind();
  // Whether all packets since the first were read, so that their ordinals count from there.
  [[nodiscard]] bool is_read_through() const { return read_through_; }
  // From any thread.
  void cancel() {
    cancelled_.store(true);
    if (bytes_) bytes_->cancel();
  }

 private:
  // Which streams of the container are tracks.
  struct Layout {
    std::vector<Track> tracks;
    std::vector<int> stream_of_track;
    std::vector<int> track_of_stream;  // -1: left out
    bool all_times_are_read = true;    // false: what is left out may last longer than the tracks
  };

  struct Torn {
    Duration at{};
    uint64_t ordinal = 0;
  };

  explicit LibavInput(std::string name);
  [[nodiscard]] bool is_cancelled() const { return cancelled_.load() || stop_.stop_requested(); }
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<FormatContext> open_context();
  [[nodiscard]] Result<FormatContext> open_pipe();
  [[nodiscard]] Result<Layout> layout_of(AVFormatContext& context) const;
  [[nodiscard]] TrackPacket take_packet(size_t track);
  // Sees what the packet in hand and the file up to it tell of damage.
  void look_for_damage(size_t track);
  [[nodiscard]] Result<void> check_complete();
  [[nodiscard]] Duration time_so_far() const;
  [[nodiscard]] tl::unexpected<Error> damaged(const std::string& why) const;

  std::string name_;
  std::atomic<bool> cancelled_ = false;
  std::stop_token stop_;
  std::shared_ptr<BytePipe> bytes_;  // null: libavformat fetches them itself
  std::string format_;               // of the bytes
  InputBuffer buffer_;               // around the bytes; outlives the context
  FormatContext context_;
  Packet packet_;
  Layout layout_;
  std::unique_ptr<ContainerFollower> follower_;  // none: nothing to follow
  DamageTally tally_;                            // since the last seek
  std::optional<Torn> torn_;                     // the last packet that libavformat calls torn
  uint64_t ordinal_ = 0;
  std::optional<MediaTime> latest_;  // end of the last packet in time
  bool read_through_ = true;         // from the start, without a seek
};

}  // namespace mayfly
