#include "client/gst/gst_player.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "client/gst/bus_watch.h"
#include "client/gst/display.h"
#include "client/gst/gst_elements.h"
#include "client/gst/gst_handles.h"
#include "client/gst/track_lane.h"

namespace mayfly {
namespace {

constexpr GstClockTime nanoseconds(Duration duration) {
  return static_cast<GstClockTime>(duration.count()) * GST_USECOND;
}

// Beyond the time the last picture is due: what a sink may take to say that it has shown it.
constexpr Duration kDrainMargin = 1s;

class PipelinePlayer final : public GstPlayer {
 public:
  PipelinePlayer(GstPlayerOptions options, const Clock& clock, Executor& loop, Listener listener)
      : options_(std::move(options)), clock_(clock), loop_(loop), listener_(std::move(listener)) {}
  PipelinePlayer(const PipelinePlayer&) = delete;
  PipelinePlayer& operator=(const PipelinePlayer&) = delete;
  ~PipelinePlayer() override { stop(); }

  Result<void> start(const std::vector<Track>& tracks) override;
  Result<void> consume(const Frame& frame, Timestamp due) override;
  void pause() override;
  void resume() override;
  void discontinuity() override;
  Result<void> finish() override;
  [[nodiscard]] GstPlayerStats stats() const override;

 private:
  struct Lane {
    TrackId track;
    TrackKind kind;
    std::unique_ptr<TrackLane> lane;
  };

  [[nodiscard]] Result<void> add_lanes(const std::vector<Track>& tracks);
  void begin();
  void show_title();
  void on_error(const std::string& source, const Error& error);
  void end(const Error& error);
  void stop();
  // Where a moment of `clock_` falls on the pipeline's running time; 0 for those before its start.
  [[nodiscard]] GstClockTime running_time(Timestamp at) const;

  GstPlayerOptions options_;
  const Clock& clock_;
  Executor& loop_;
  Listener listener_;
  GstRef<GstElement> pipeline_;
  GstRef<GstClock> gst_clock_;
  std::unique_ptr<BusWatch> bus_;
  std::vector<Lane> lanes_;
  int64_t clock_offset_ns_ = 0;  // the pipeline's clock less ours
  GstClockTime base_time_ = 0;   // on the pipeline's clock, when running time was 0
  GstClockTime paused_at_ = GST_CLOCK_TIME_NONE;
  GstClockTime last_shown_at_ = 0;  // running time of the last picture handed over
  GstPlayerStats earlier_stats_;    // what the sinks no longer count, and the refused frames
  std::unique_ptr<Error> ended_;
};

Result<void> PipelinePlayer::start(const std::vector<Track>& tracks) {
  pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr))));
  if (auto added = add_lanes(tracks); !added) {
    stop();
    return added;
  }
  bus_ = std::make_unique<BusWatch>(
      pipeline_.get(), loop_,
      BusWatch::Listener{
          .on_error = [this](const std::string& source,
                             const Error& error) { on_error(source, error); },
          .on_warning = [this](const std::string& text) { listener_.on_warning(text); }});
  begin();
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) {
    show_title();
    return {};
  }
  stop();
  return failure(ErrorCode::Unsupported,
                 "GStreamer does not start playing; `mayfly doctor` may say why");
}

Result<void> PipelinePlayer::add_lanes(const std::vector<Track>& tracks) {
  Error last{ErrorCode::InvalidArgument, "there are no tracks to play"};
  for (const Track& track : tracks) {
    const bool video = track.kind == TrackKind::Video;
    auto lane = TrackLane::create(GST_BIN(pipeline_.get()), track,
                                  {.sink = video ? options_.video_sink : options_.audio_sink,
                                   .max_queued_bytes = options_.max_queued_bytes});
    if (lane) {
      lanes_.push_back({.track = track.id, .kind = track.kind, .lane = std::move(*lane)});
      continue;
    }
    last = lane.error();
    listener_.on_warning(last.message);
  }
  if (lanes_.empty()) return failure(last);
  return {};
}

// Running time is tied to our clock by hand, so that a pause moves it by exactly the time paused.
void PipelinePlayer::begin() {
  gst_clock_.reset(gst_system_clock_obtain());
  auto* pipeline = GST_PIPELINE(pipeline_.get());
  gst_pipeline_use_clock(pipeline, gst_clock_.get());
  gst_pipeline_set_latency(pipeline, nanoseconds(options_.decoding_time));
  gst_element_set_start_time(pipeline_.get(), GST_CLOCK_TIME_NONE);
  base_time_ = gst_clock_get_time(gst_clock_.get());
  clock_offset_ns_ =
      static_cast<int64_t>(base_time_) - clock_.now().time_since_epoch().count() * 1000;
  gst_element_set_base_time(pipeline_.get(), base_time_);
}

void PipelinePlayer::show_title() {
  GstTagList* tags = gst_tag_list_new(GST_TAG_TITLE, options_.title.c_str(), nullptr);
  gst_element_send_event(pipeline_.get(), gst_event_new_tag(tags));
}

GstClockTime PipelinePlayer::running_time(Timestamp at) const {
  const int64_t on_gst_clock = at.time_since_epoch().count() * 1000 + clock_offset_ns_;
  return static_cast<GstClockTime>(
      std::max<int64_t>(0, on_gst_clock - static_cast<int64_t>(base_time_)));
}

Result<void> PipelinePlayer::consume(const Frame& frame, Timestamp due) {
  if (ended_) return failure(*ended_);
  const auto found = std::find_if(lanes_.begin(), lanes_.end(),
                                  [&](const Lane& each) { return each.track == frame.track; });
  if (found == lanes_.end()) return {};
  const GstClockTime shown_at = running_time(due + (frame.pts - frame.dts));
  if (!found->lane->push(frame, running_time(due), shown_at)) ++earlier_stats_.frames_refused;
  last_shown_at_ = std::max(last_shown_at_, shown_at);
  return {};
}

void PipelinePlayer::pause() {
  if (!pipeline_ || paused_at_ != GST_CLOCK_TIME_NONE) return;
  paused_at_ = gst_clock_get_time(gst_clock_.get());
  // Sinks begin to count anew when they stop.
  earlier_stats_ = stats();
  gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED);
}

void PipelinePlayer::resume() {
  if (!pipeline_ || paused_at_ == GST_CLOCK_TIME_NONE) return;
  base_time_ += gst_clock_get_time(gst_clock_.get()) - paused_at_;
  paused_at_ = GST_CLOCK_TIME_NONE;
  gst_element_set_base_time(pipeline_.get(), base_time_);
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

void PipelinePlayer::discontinuity() {
  for (const Lane& each : lanes_) each.lane->flush();
  last_shown_at_ = 0;
}

Result<void> PipelinePlayer::finish() {
  if (!pipeline_) return {};
  const bool plays = !ended_ && paused_at_ == GST_CLOCK_TIME_NONE && last_shown_at_ > 0;
  if (plays) {
    for (const Lane& each : lanes_) each.lane->end();
    const GstClockTime now = gst_clock_get_time(gst_clock_.get()) - base_time_;
    const GstClockTime end = last_shown_at_ + nanoseconds(options_.decoding_time);
    const auto left = Duration(static_cast<int64_t>(end > now ? (end - now) / GST_USECOND : 0));
    // Not showing the end in time is no failure: the viewer saw what there was to see.
    static_cast<void>(bus_->wait_for_end(left + kDrainMargin));
  }
  stop();
  return {};
}

GstPlayerStats PipelinePlayer::stats() const {
  GstPlayerStats stats = earlier_stats_;
  for (const Lane& each : lanes_) {
    if (each.kind == TrackKind::Audio) {
      stats.sounds_played += each.lane->shown();
    } else {
      stats.pictures_shown += each.lane->shown();
      stats.pictures_dropped_late += each.lane->dropped_late();
    }
  }
  return stats;
}

void PipelinePlayer::on_error(const std::string& source, const Error& error) {
  if (ended_) return;
  const bool other_video_plays = std::any_of(lanes_.begin(), lanes_.end(), [&](const Lane& each) {
    return each.kind == TrackKind::Video && !each.lane->contains(source);
  });
  const auto silent = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& each) {
    return each.kind == TrackKind::Audio && each.lane->contains(source);
  });
  if (silent == lanes_.end() || !other_video_plays) return end(error);
  listener_.on_warning(error.message + "; playing without sound");
  silent->lane->remove_from(GST_BIN(pipeline_.get()));
  lanes_.erase(silent);
}

void PipelinePlayer::end(const Error& error) {
  ended_ = std::make_unique<Error>(error);
  listener_.on_ended(error);
}

void PipelinePlayer::stop() {
  if (!pipeline_) return;
  earlier_stats_ = stats();
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  bus_.reset();
  lanes_.clear();
  pipeline_.reset();
}

}  // namespace

Result<std::unique_ptr<GstPlayer>> GstPlayer::create(GstPlayerOptions options, const Clock& clock,
                                                     Executor& loop, Listener listener) {
  RETURN_IF_ERROR(initialize_gst());
  RETURN_IF_ERROR(check_video_sink(options.video_sink));
  return std::make_unique<PipelinePlayer>(std::move(options), clock, loop, std::move(listener));
}

}  // namespace mayfly
