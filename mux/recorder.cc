#include "mux/recorder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "mux/adts_filter.h"
#include "mux/container_fit.h"
#include "mux/output_handles.h"
#include "mux/packet_maker.h"
#include "mux/recording_timeline.h"
#include "mux/stream_from_track.h"

namespace mayfly {
namespace {

class FileRecorder final : public FrameSink {
 public:
  FileRecorder(std::filesystem::path file, const AVOutputFormat* container)
      : file_(std::move(file)), container_(container) {}
  FileRecorder(const FileRecorder&) = delete;
  FileRecorder& operator=(const FileRecorder&) = delete;
  ~FileRecorder() override { static_cast<void>(close()); }

  Result<void> start(const std::vector<Track>& tracks) override;
  Result<void> consume(const Frame& frame, Timestamp due) override;
  void discontinuity() override { timeline_.discontinuity(); }
  Result<void> finish() override;

 private:
  struct Lane {
    PacketMaker packets;
    std::optional<AdtsFilter> adts_filter{};
  };

  [[nodiscard]] std::string attempt() const { return "record to " + file_.string(); }
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> close();

  std::filesystem::path file_;
  const AVOutputFormat* container_;
  OutputContext output_;
  bool header_written_ = false;
  std::unordered_map<TrackId, Lane> lanes_;
  RecordingTimeline timeline_;
  std::optional<Error> failed_;  // the file takes no more
  uint64_t refused_ = 0;         // frames the container would not take
  std::string last_refusal_;
};

Result<void> FileRecorder::start(const std::vector<Track>& tracks) {
  if (auto fits = check_fits(*container_, tracks); !fits) {
    return failure(fits.error().in(attempt()));
  }
  AVFormatContext* raw = nullptr;
  const std::string name = file_.string();
  const int rc = avformat_alloc_output_context2(&raw, container_, nullptr, name.c_str());
  if (rc < 0) return failure(from_av_output(rc, attempt()));
  output_.reset(raw);
  for (const Track& track : tracks) {
    auto stream = add_stream(*output_, track);
    if (!stream) return failure(stream.error().in(attempt()));
    Lane lane{.packets = PacketMaker(**stream, track, *container_)};
    if (AdtsFilter::is_needed(*container_, *(*stream)->codecpar)) {
      auto filter = AdtsFilter::create(**stream);
      if (!filter) return failure(filter.error().in(attempt()));
      lane.adts_filter = std::move(*filter);
    }
    lanes_.insert_or_assign(track.id, std::move(lane));
  }
  return open();
}

Result<void> FileRecorder::open() {
  std::error_code ignored;
  const bool existed = std::filesystem::exists(file_, ignored);
  // "file:" keeps libavformat from reading a protocol into the name.
  const std::string url = "file:" + file_.string();
  if (const int rc = avio_open(&output_->pb, url.c_str(), AVIO_FLAG_WRITE); rc < 0) {
    return failure(from_av_output(rc, attempt()));
  }
  output_->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  // Frames come in the order they are due over all tracks, so little waiting puts them in order;
  // and what waits is lost when the process dies.
  output_->max_interleave_delta = 1'000'000;
  MuxerOptions options;
  // A fragment per second at most, each playable on its own. The index waits for the first packets,
  // because some codecs (AAC from MPEG-TS, AC-3) tell their parameters only there.
  options.set("movflags", "frag_keyframe+empty_moov+default_base_moof+delay_moov");
  options.set("frag_duration", "1000000");
  // Edit lists, which say when a track begins, count in this.
  options.set("movie_timescale", "90000");
  options.set("cluster_time_limit", "1000");
  const int rc = avformat_write_header(output_.get(), options.get());
  header_written_ = rc >= 0;
  if (header_written_) return {};
  output_.reset();
  if (!existed) std::filesystem::remove(file_, ignored);
  return failure(from_av_output(rc, attempt()));
}

Result<void> FileRecorder::consume(const Frame& frame, Timestamp /*due*/) {
  if (failed_) return failure(*failed_);
  const auto lane = lanes_.find(frame.track);
  if (lane == lanes_.end() || !output_) return {};
  const std::optional<Duration> shift = timeline_.shift_for(frame);
  if (!shift) return {};
  const auto made = lane->second.packets.make(frame, *shift);
  if (!made) return failure(made.error().in(attempt()));
  const OutputPacket& packet = *made;
  std::optional<AdtsFilter>& filter = lane->second.adts_filter;
  int rc = filter ? filter->apply(packet.get()) : 0;
  if (rc >= 0) rc = av_interleaved_write_frame(output_.get(), packet.get());
  if (output_->pb->error < 0) {
    failed_ = from_av_output(output_->pb->error, attempt());
    failed_->message += "; what was recorded until then is kept";
    return failure(*failed_);
  }
  if (rc < 0) {
    ++refused_;
    last_refusal_ = from_av_output(rc, fmt::format("frame {} of track {}", frame.number.value(),
                                                   frame.track.value()))
                        .message;
  }
  return {};
}

Result<void> FileRecorder::finish() {
  const Result<void> closed = close();
  if (failed_) return failure(*failed_);
  if (!closed) return closed;
  if (refused_ == 0) return {};
  return failure(ErrorCode::Malformed,
                 fmt::format("{}: {} frames could not be recorded, the last one {}", attempt(),
                             refused_, last_refusal_));
}

Result<void> FileRecorder::close() {
  if (!output_) return {};
  int rc = header_written_ ? av_write_trailer(output_.get()) : 0;
  if (output_->pb != nullptr) {
    avio_flush(output_->pb);
    if (output_->pb->error < 0) rc = output_->pb->error;
    const int closed = avio_closep(&output_->pb);
    if (rc >= 0) rc = closed;
  }
  output_.reset();
  if (rc < 0) return failure(from_av_output(rc, attempt()));
  return {};
}

Result<void> check_folder(const std::filesystem::path& file) {
  std::filesystem::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  const std::string attempt = "record to " + file.string();
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    return failure(ErrorCode::InvalidArgument, attempt + ": that is a folder");
  }
  if (!std::filesystem::is_directory(folder, error)) {
    return failure(ErrorCode::NotFound,
                   fmt::format("{}: there is no folder {}", attempt, folder.string()));
  }
  const bool exists = std::filesystem::exists(file, error);
  if (::access(exists ? file.c_str() : folder.c_str(), W_OK) != 0) {
    return failure(from_errno(errno, attempt));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<FrameSink>> Recorder::create(const std::filesystem::path& file) {
  // What libav has to say reaches people through our errors, one sentence each.
  av_log_set_level(AV_LOG_FATAL);
  ASSIGN_OR_RETURN(const AVOutputFormat* const container, container_for(file));
  RETURN_IF_ERROR(check_folder(file));
  return std::make_unique<FileRecorder>(file, container);
}

}  // namespace mayfly
