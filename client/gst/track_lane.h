#pragma once

#include <gst/app/gstappsrc.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/gst/coded_format.h"
#include "client/gst/gst_handles.h"
#include "core/frame.h"
#include "core/result.h"
#include "core/track.h"

namespace mayfly {

// One track's way through a pipeline: appsrc -> decodebin -> queue -> converters -> sink. Belongs
// to the pipeline's elements as long as the pipeline lives; used from the loop's thread.
class TrackLane {
 public:
  struct Options {
    std::string sink;  // as gst-launch-1.0 writes it: "fakesink sync=true"
    size_t max_queued_bytes;
  };

  // Adds the elements to `pipeline`. Fails with Unsupported when nothing here decodes the track.
  [[nodiscard]] static Result<std::unique_ptr<TrackLane>> create(GstBin* pipeline,
                                                                 const Track& track,
                                                                 const Options& options);
  TrackLane(const TrackLane&) = delete;
  TrackLane& operator=(const TrackLane&) = delete;
  ~TrackLane() = default;

  // Hands a frame in, to be decoded at once and shown at `shown_at` (the pipeline's running time,
  // as is `decoded_at`; both in nanoseconds). A decoder that falls too far behind costs the rest of
  // the GOP: then false.
  bool push(const Frame& frame, GstClockTime decoded_at, GstClockTime shown_at);
  // Throws away what was handed in and is not shown.
  void flush();
  // Says that nothing more comes.
  void end();

  // Takes the elements out of the pipeline, so that the other tracks end without this one.
  void remove_from(GstBin* pipeline);

  [[nodiscard]] bool contains(const std::string& element) const;
  [[nodiscard]] uint64_t shown() const { return sink_count("rendered"); }
  [[nodiscard]] uint64_t dropped_late() const { return sink_count("dropped"); }

 private:
  TrackLane(TrackKind kind, std::vector<Bytes> headers, size_t max_queued_bytes)
      : kind_(kind), headers_(std::move(headers)), max_queued_bytes_(max_queued_bytes) {}
  [[nodiscard]] Result<void> build(GstBin* pipeline, GstCaps* caps, const std::string& sink);
  [[nodiscard]] Result<void> build_decoding(GstBin* pipeline, GstCaps* caps);
  // Begins anew with what comes before the presentation, which is kept: it may own a window.
  void replace_decoding();
  [[nodiscard]] uint64_t sink_count(const char* key) const;
  void push_headers();

  TrackKind kind_;
  std::vector<Bytes> headers_;
  size_t max_queued_bytes_;
  bool headers_pushed_ = false;
  bool handed_in_ = false;  // any frame, since the decoder began to be looked for
  bool waits_for_keyframe_ = false;
  std::optional<FrameNumber> last_;
  GstRef<GstElement> source_;
  GstRef<GstElement> decoder_;
  GstRef<GstElement> presentation_;  // the bin from the queue to the sink
  GstRef<GstPad> entry_;             // where decoded frames enter it
};

}  // namespace mayfly
