#include "client/gst/track_lane.h"

#include <fmt/format.h>
#include <gst/base/gstbasesink.h>

#include <initializer_list>
#include <string_view>

namespace mayfly {
namespace {

// A decoder that is a little behind shows its pictures late rather than not at all; one that is
// far behind catches up by leaving some out.
constexpr int64_t kMaxLatenessNs = 200'000'000;

// The frames wait where they are handed in as long as it takes; without this the pipeline believes
// that a decoder which holds pictures back must starve its sink.
constexpr gint64 kUnboundedLatencyNs = 3'600'000'000'000;

// From decoded frames to the screen or the sound card. The queue lets the decoder work while the
// sink waits for a picture's time; a few pictures, because decoders own few.
std::string presentation_of(TrackKind kind, const std::string& sink) {
  constexpr std::string_view kQueue = "queue max-size-bytes=0 max-size-time=0 max-size-buffers=";
  if (kind == TrackKind::Video) {
    return fmt::format("{}4 ! videoconvert ! videoscale ! {}", kQueue, sink);
  }
  return fmt::format("{}64 ! audioconvert ! audioresample ! {}", kQueue, sink);
}

GstRef<GstElement> keep(GstElement* element) {
  return GstRef<GstElement>(element == nullptr ? nullptr
                                               : GST_ELEMENT(gst_object_ref_sink(element)));
}

// On a streaming thread, when the decoder is found: the presentation's pad waits for it.
void on_decoded_pad(GstElement* /*decodebin*/, GstPad* pad, gpointer entry) {
  if (gst_pad_is_linked(GST_PAD(entry)) == FALSE) gst_pad_link(pad, GST_PAD(entry));
}

tl::unexpected<Error> lacks(const char* element) {
  return failure(
      ErrorCode::Unsupported,
      fmt::format("GStreamer lacks an element: {}; `mayfly doctor` names the package", element));
}

// autovideosink makes its sink only when it starts.
void on_element_added(GstBin* /*bin*/, GstBin* /*parent*/, GstElement* element, gpointer) {
  if (GST_IS_BASE_SINK(element)) {
    gst_base_sink_set_max_lateness(GST_BASE_SINK(element), kMaxLatenessNs);
  }
}

void take_out(GstBin* pipeline, std::initializer_list<GstElement*> elements) {
  for (GstElement* element : elements) {
    gst_element_set_state(element, GST_STATE_NULL);
    gst_bin_remove(pipeline, element);
  }
}

GstBuffer* buffer_of(ByteView bytes) { return gst_buffer_new_memdup(bytes.data(), bytes.size()); }

// The payload itself, kept alive by the buffer: frames can be large, and nobody changes them.
GstBuffer* buffer_of(const Payload& payload) {
  auto* owner = new Payload(payload);
  // GStreamer takes a pointer to non-const and is told that the memory is read-only.
  auto* bytes = const_cast<std::byte*>(payload->data());
  return gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, bytes, payload->size(), 0,
                                     payload->size(), owner,
                                     [](gpointer data) { delete static_cast<Payload*>(data); });
}

}  // namespace

Result<std::unique_ptr<TrackLane>> TrackLane::create(GstBin* pipeline, const Track& track,
                                                     const Options& options) {
  auto format = coded_format(track);
  if (!format) return failure(format.error());
  if (!has_decoder_for(format->caps.get())) {
    return failure(ErrorCode::Unsupported,
                   fmt::format("GStreamer has no decoder for {} here: apt-get install {}",
                               track.codec, decoder_package(track.codec)));
  }
  std::unique_ptr<TrackLane> lane(
      new TrackLane(track.kind, std::move(format->headers), options.max_queued_bytes));
  RETURN_IF_ERROR(lane->build(pipeline, format->caps.get(), options.sink));
  return lane;
}

Result<void> TrackLane::build(GstBin* pipeline, GstCaps* caps, const std::string& sink) {
  const std::string description = presentation_of(kind_, sink);
  GError* raw = nullptr;
  presentation_ = keep(gst_parse_bin_from_description_full(description.c_str(), TRUE, nullptr,
                                                           GST_PARSE_FLAG_FATAL_ERRORS, &raw));
  const GErrorRef error(raw);
  if (!presentation_) return lacks(error ? error->message : "of the presentation");
  entry_.reset(gst_element_get_static_pad(presentation_.get(), "sink"));
  if (kind_ == TrackKind::Video) {
    g_signal_connect(presentation_.get(), "deep-element-added", G_CALLBACK(on_element_added),
                     nullptr);
  }
  // The bin takes references of its own.
  gst_bin_add(pipeline, presentation_.get());
  return build_decoding(pipeline, caps);
}

Result<void> TrackLane::build_decoding(GstBin* pipeline, GstCaps* caps) {
  source_ = keep(gst_element_factory_make("appsrc", nullptr));
  decoder_ = keep(gst_element_factory_make("decodebin", nullptr));
  if (!source_ || !decoder_) return lacks("appsrc or decodebin");
  g_object_set(source_.get(), "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE,
               "min-latency", gint64{0}, "max-latency", kUnboundedLatencyNs, "max-bytes",
               guint64{0}, nullptr);
  g_signal_connect(decoder_.get(), "pad-added", G_CALLBACK(on_decoded_pad), entry_.get());
  gst_bin_add_many(pipeline, source_.get(), decoder_.get(), nullptr);
  gst_element_link(source_.get(), decoder_.get());
  headers_pushed_ = false;
  handed_in_ = false;
  return {};
}

bool TrackLane::push(const Frame& frame, GstClockTime decoded_at, GstClockTime shown_at) {
  auto* source = GST_APP_SRC(source_.get());
  const bool starts_anew = frame.keyframe || kind_ == TrackKind::Audio;
  if (gst_app_src_get_current_level_bytes(source) > max_queued_bytes_) waits_for_keyframe_ = true;
  if (waits_for_keyframe_ && !starts_anew) return false;
  if (gst_app_src_get_current_level_bytes(source) > max_queued_bytes_) return false;
  waits_for_keyframe_ = false;
  if (frame.bytes() == 0) return true;
  push_headers();

  GstBuffer* buffer = buffer_of(frame.payload);
  GST_BUFFER_DTS(buffer) = decoded_at;
  GST_BUFFER_PTS(buffer) = shown_at;
  if (frame.duration > Duration::zero()) {
    GST_BUFFER_DURATION(buffer) = static_cast<GstClockTime>(frame.duration.count()) * GST_USECOND;
  }
  if (!starts_anew) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  const bool follows = last_ && frame.number.value() == last_->value() + 1;
  if (!follows) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  last_ = frame.number;
  gst_app_src_push_buffer(source, buffer);
  handed_in_ = true;
  return true;
}

void TrackLane::push_headers() {
  if (headers_pushed_) return;
  headers_pushed_ = true;
  for (const Bytes& header : headers_) {
    GstBuffer* buffer = buffer_of(ByteView(header));
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_HEADER);
    gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer);
  }
}

void TrackLane::flush() {
  last_.reset();
  waits_for_keyframe_ = false;
  // A flush that meets decodebin while it still looks for the decoder leaves it without a format.
  if (gst_pad_is_linked(entry_.get()) == FALSE) return replace_decoding();
  // The decoders forget their headers with everything else.
  headers_pushed_ = false;
  gst_element_send_event(source_.get(), gst_event_new_flush_start());
  // The running time goes on: times are those of the pipeline's clock, not of the clip.
  gst_element_send_event(source_.get(), gst_event_new_flush_stop(FALSE));
}

void TrackLane::replace_decoding() {
  if (!handed_in_) return;
  const GstCapsRef caps(gst_app_src_get_caps(GST_APP_SRC(source_.get())));
  const GstRef<GstObject> pipeline(gst_object_get_parent(GST_OBJECT(source_.get())));
  auto* bin = GST_BIN(pipeline.get());
  // The decoder may be found at this very moment: what it hands on must not wait for its time.
  gst_pad_send_event(entry_.get(), gst_event_new_flush_start());
  take_out(bin, {source_.get(), decoder_.get()});
  gst_pad_send_event(entry_.get(), gst_event_new_flush_stop(FALSE));
  // It succeeded before with the same elements.
  static_cast<void>(build_decoding(bin, caps.get()));
  gst_element_sync_state_with_parent(decoder_.get());
  gst_element_sync_state_with_parent(source_.get());
}

void TrackLane::end() {
  gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
  // Where no frame ever came no decoder is looked for, and the end would not reach the sink.
  if (!handed_in_) gst_pad_send_event(entry_.get(), gst_event_new_eos());
}

void TrackLane::remove_from(GstBin* pipeline) {
  take_out(pipeline, {source_.get(), decoder_.get(), presentation_.get()});
}

bool TrackLane::contains(const std::string& element) const {
  for (GstElement* bin : {decoder_.get(), presentation_.get()}) {
    GstElement* found = gst_bin_get_by_name(GST_BIN(bin), element.c_str());
    if (found == nullptr) continue;
    gst_object_unref(found);
    return true;
  }
  return false;
}

uint64_t TrackLane::sink_count(const char* key) const {
  GstIterator* children = gst_bin_iterate_recurse(GST_BIN(presentation_.get()));
  GValue value = G_VALUE_INIT;
  guint64 count = 0;
  while (gst_iterator_next(children, &value) == GST_ITERATOR_OK) {
    gpointer child = g_value_get_object(&value);
    if (GST_IS_BASE_SINK(child)) {
      GstStructure* stats = gst_base_sink_get_stats(GST_BASE_SINK(child));
      gst_structure_get_uint64(stats, key, &count);
      gst_structure_free(stats);
    }
    g_value_reset(&value);
  }
  g_value_unset(&value);
  gst_iterator_free(children);
  return count;
}

}  // namespace mayfly
