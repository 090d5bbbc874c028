#include "demux/libav/libav_input.h"

extern "C" {
#include <libavcodec/codec_desc.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <span>

#include "demux/libav/input_errors.h"
#include "demux/libav/track_from_stream.h"
#include "demux/nal_units.h"

namespace mayfly {
namespace {

constexpr size_t kMostTracks = 64;
// After so many failures in a row there is nothing left to read past.
constexpr int kMostFailures = 64;
constexpr Duration kLongestFrame = 1h;
// Times beyond this (71 years) are damage; sums of such times could overflow.
constexpr Duration kFarthest{int64_t{1} << 51};
constexpr const char* kTorn = "a frame of which a part is missing";
// What is torn so near the end was cut off there.
constexpr uint64_t kLastPackets = 32;
constexpr AVRational kMicroseconds{1, 1'000'000};
constexpr int kPipeBufferBytes = 32 << 10;
// A live stream is looked at for this long, of its own time, to learn what its tracks are. Whoever
// watches waits for it.
constexpr int64_t kPipeAnalysisMicroseconds = 1'500'000;

bool is_url(const std::string& name) { return name.find("://") != std::string::npos; }

// libavformat's own complaints would go to stderr without naming the file, and one allocation of it
// must not follow whatever size a damaged header tells.
void set_process_limits() {
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc(size_t{512} << 20);
}

std::optional<MediaTime> media_time(int64_t value, AVRational time_base) {
  if (value == AV_NOPTS_VALUE) return std::nullopt;
  const Duration time(av_rescale_q(value, time_base, kMicroseconds));
  if (time > kFarthest || time < -kFarthest) return std::nullopt;
  return MediaTime(time);
}

// libavformat makes up the pts of these; in order of presentation they follow from the pictures.
bool tells_decode_times_only(const std::string& format) {
  return format == "avi" || format == "mpegvideo";
}

std::string seconds_text(Duration duration) {
  std::array<char, 32> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%.2f s", to_seconds(duration)));
  return text.data();
}

int read_from_pipe(void* pipe, uint8_t* into, int size) {
  auto* bytes = static_cast<BytePipe*>(pipe);
  const size_t count = bytes->read(
      std::span(reinterpret_cast<std::byte*>(into), static_cast<size_t>(std::max(size, 0))));
  if (count > 0) return static_cast<int>(count);
  return bytes->is_cancelled() ? AVERROR_EXIT : AVERROR_EOF;
}

bool is_cover_art(const AVStream& stream) {
  return (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) !=
         0;
}

bool is_wanted(const AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO) return false;
  return stream.codecpar->codec_id != AV_CODEC_ID_NONE && !is_cover_art(stream);
}

}  // namespace

LibavInput::LibavInput(std::string name) : name_(std::move(name)), packet_(av_packet_alloc()) {}

Result<std::unique_ptr<LibavInput>> LibavInput::open(const std::string& name,
                                                     std::stop_token stop) {
  set_process_limits();
  if (!is_url(name)) RETURN_IF_ERROR(check_file(name));
  std::unique_ptr<LibavInput> input(new LibavInput(name));
  input->stop_ = std::move(stop);
  RETURN_IF_ERROR(input->open());
  input->follower_ = ContainerFollower::open(name, *input->context_);
  return input;
}

Result<std::unique_ptr<LibavInput>> LibavInput::open(const std::string& name,
                                                     std::shared_ptr<BytePipe> bytes,
                                                     const std::string& format) {
  set_process_limits();
  std::unique_ptr<LibavInput> input(new LibavInput(name));
  input->bytes_ = std::move(bytes);
  input->format_ = format;
  RETURN_IF_ERROR(input->open());
  return input;
}

Result<void> LibavInput::open() {
  ASSIGN_OR_RETURN(context_, bytes_ ? open_pipe() : open_context());
  ASSIGN_OR_RETURN(layout_, layout_of(*context_));
  return {};
}

Result<FormatContext> LibavInput::open_pipe() {
  const AVInputFormat* const format = av_find_input_format(format_.c_str());
  if (format == nullptr) {
    return failure(ErrorCode::Unsupported, "libavformat of this machine reads no " + format_);
  }
  auto* buffer = static_cast<unsigned char*>(av_malloc(kPipeBufferBytes));
  buffer_.reset(avio_alloc_context(buffer, kPipeBufferBytes, 0, bytes_.get(), read_from_pipe,
                                   nullptr, nullptr));
  if (!buffer_) av_free(buffer);
  AVFormatContext* raw = avformat_alloc_context();
  if (!buffer_ || raw == nullptr || packet_ == nullptr) {
    avformat_free_context(raw);
    return failure(ErrorCode::Exhausted, name_ + ": out of memory");
  }
  raw->pb = buffer_.get();
  raw->flags |= AVFMT_FLAG_CUSTOM_IO;
  raw->max_analyze_duration = kPipeAnalysisMicroseconds;
  const int opened = avformat_open_input(&raw, nullptr, format, nullptr);
  if (opened < 0) return cannot_open(name_, opened);
  FormatContext context(raw);
  const int found = avformat_find_stream_info(raw, nullptr);
  if (is_cancelled()) return failure(ErrorCode::Closed, name_ + ": closed");
  if (found < 0) return cannot_open(name_, found);
  return context;
}

Result<FormatContext> LibavInput::open_context() {
  AVFormatContext* raw = avformat_alloc_context();
  if (raw == nullptr || packet_ == nullptr) {
    return failure(ErrorCode::Exhausted, name_ + ": out of memory");
  }
  raw->interrupt_callback.opaque = this;
  raw->interrupt_callback.callback = [](void* opaque) {
    return static_cast<const LibavInput*>(opaque)->is_cancelled() ? 1 : 0;
  };
  AVDictionary* options = nullptr;
  // A file from a stranger may be a playlist in disguise: it reaches no network.
  if (!is_url(name_)) av_dict_set(&options, "protocol_whitelist", "file", 0);
  const std::string url = is_url(name_) ? name_ : "file:" + name_;
  const int opened = avformat_open_input(&raw, url.c_str(), nullptr, &options);
  av_dict_free(&options);
  if (opened < 0) return cannot_open(name_, opened);
  FormatContext context(raw);
  const int found = avformat_find_stream_info(raw, nullptr);
  if (found < 0) return cannot_open(name_, found);
  return context;
}

Result<LibavInput::Layout> LibavInput::layout_of(AVFormatContext& context) const {
  Layout layout;
  layout.track_of_stream.assign(context.nb_streams, -1);
  for (const AVMediaType type : {AVMEDIA_TYPE_VIDEO, AVMEDIA_TYPE_AUDIO}) {
    for (unsigned index = 0; index < context.nb_streams; ++index) {
      AVStream& stream = *context.streams[index];
      if (!is_wanted(stream)) {
        stream.discard = AVDISCARD_ALL;
        layout.all_times_are_read &= is_cover_art(stream);
        continue;
      }
      std::vector<Track>& tracks = layout.tracks;
      if (stream.codecpar->codec_type != type) continue;
      if (tracks.size() >= kMostTracks) {
        layout.all_times_are_read = false;
        continue;
      }
      layout.track_of_stream[index] = static_cast<int>(tracks.size());
      layout.stream_of_track.push_back(static_cast<int>(index));
      tracks.push_back(
          track_from_stream(context, stream, TrackId(static_cast<uint8_t>(tracks.size()))));
    }
  }
  if (layout.tracks.empty()) {
    return failure(ErrorCode::Unsupported, name_ + ": has no video and no audio track");
  }
  return layout;
}

std::string LibavInput::format_name() const { return context_->iformat->name; }

FrameBuilder::Options LibavInput::builder_options(size_t track) const {
  const AVStream& stream = *context_->streams[layout_.stream_of_track[track]];
  const AVCodecDescriptor* codec = avcodec_descriptor_get(stream.codecpar->codec_id);
  FrameBuilder::Options options;
  options.intra_only_codec = codec != nullptr && (codec->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
  options.container_tells_pts = (context_->iformat->flags & AVFMT_NOTIMESTAMPS) == 0 &&
                                !tells_decode_times_only(format_name());
  options.reorder_depth = stream.codecpar->video_delay;
  return options;
}

bool LibavInput::is_live() const {
  return context_->pb == nullptr || (context_->pb->seekable & AVIO_SEEKABLE_NORMAL) == 0;
}

std::optional<Duration> LibavInput::duration() const {
  const auto told = media_time(context_->duration, kMicroseconds);
  // What follows from a bit rate is a guess, and can be wrong a hundredfold.
  const bool guessed = context_->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE;
  if (is_live() || guessed || !told || *told < MediaTime{}) return std::nullopt;
  return told->time_since_epoch();
}

MediaTime LibavInput::start_time() const {
  return media_time(context_->start_time, kMicroseconds).value_or(MediaTime{});
}

bool LibavInput::has_index() const {
  constexpr int kUntrusted = AVFMT_NOTIMESTAMPS | AVFMT_TS_DISCONT | AVFMT_GENERIC_INDEX;
  return (context_->iformat->flags & kUntrusted) == 0 && format_name() != "avi";
}

bool LibavInput::clock_may_jump() const {
  return (context_->iformat->flags & AVFMT_TS_DISCONT) != 0;
}

Result<std::optional<LibavInput::TrackPacket>> LibavInput::read() {
  for (int failures = 0; failures < kMostFailures;) {
    if (is_cancelled()) return failure(ErrorCode::Closed, name_ + ": closed");
    const int status = av_read_frame(context_.get(), packet_.get());
    if (status == AVERROR_EOF) {
      RETURN_IF_ERROR(check_complete());
      return std::nullopt;
    }
    if (status == AVERROR_EXIT) return failure(ErrorCode::Closed, name_ + ": closed");
    if (status < 0) {
      if (++failures == kMostFailures || error_code_of(status) != ErrorCode::Malformed) {
        return damaged(av_text(status));
      }
      continue;
    }
    failures = 0;
    const auto stream = static_cast<size_t>(packet_->stream_index);
    const int track =
        stream < layout_.track_of_stream.size() ? layout_.track_of_stream[stream] : -1;
    if (track >= 0 && packet_->size > 0) {
      if (std::cmp_greater(packet_->size, FrameBuilder::kMostBytes)) {
        return damaged("a frame of more than 64 MiB");
      }
      look_for_damage(static_cast<size_t>(track));
      return take_packet(static_cast<size_t>(track));
    }
    av_packet_unref(packet_.get());
  }
  return damaged("nothing readable follows");
}

LibavInput::TrackPacket LibavInput::take_packet(size_t track) {
  const AVRational time_base = context_->streams[packet_->stream_index]->time_base;
  TrackPacket taken;
  taken.track = track;
  CodedPacket& coded = taken.packet;
  coded.bytes.resize(static_cast<size_t>(packet_->size));
  std::memcpy(coded.bytes.data(), packet_->data, coded.bytes.size());
  coded.pts = media_time(packet_->pts, time_base);
  coded.dts = media_time(packet_->dts, time_base);
  if (packet_->duration > 0) {
    coded.duration = std::clamp(Duration(av_rescale_q(packet_->duration, time_base, kMicroseconds)),
                                Duration{}, kLongestFrame);
  }
  coded.keyframe = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
  coded.not_shown = (packet_->flags & AV_PKT_FLAG_DISCARD) != 0;
  coded.ordinal = ordinal_++;
  if (const auto at = coded.pts ? coded.pts : coded.dts) {
    const MediaTime end = *at + coded.duration;
    latest_ = std::max(latest_.value_or(end), end);
  }
  av_packet_unref(packet_.get());
  return taken;
}

void LibavInput::look_for_damage(size_t track) {
  if (!latest_) {
    latest_ = media_time(packet_->dts, context_->streams[packet_->stream_index]->time_base);
  }
  if (follower_) {
    if (const auto wrong = follower_->follow(packet_->pos)) tally_.note(time_so_far(), *wrong);
  }
  if ((packet_->flags & AV_PKT_FLAG_CORRUPT) != 0) torn_ = Torn{time_so_far(), ordinal_};
  // Where recordings were joined libavformat takes the frame before for torn, the watch does not.
  if (torn_ && !follower_) tally_.note(torn_->at, kTorn);
  const Track& read = layout_.tracks[track];
  const ByteView bytes(reinterpret_cast<const std::byte*>(packet_->data),
                       static_cast<size_t>(packet_->size));
  const unsigned length_bytes = nal_length_bytes(read.codec, read.extradata);
  if (length_bytes > 0 && !nal_units_fit(bytes, length_bytes)) {
    tally_.note(time_so_far(), "a picture whose parts do not fit together");
  }
}

Result<void> LibavInput::check_complete() {
  // Only a length that the header promises can be broken, and only as far as nothing that is left
  // out may be what is so long; a second and a tenth are the noise of honest files.
  const bool promised = context_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM &&
                        layout_.all_times_are_read;
  const auto length = duration();
  if (promised && read_through_ && length && latest_) {
    const Duration missing = *length - (*latest_ - start_time());
    if (missing >= 1s && missing >= *length / 10) {
      return damaged("its header promises " + seconds_text(*length));
    }
  }
  if (follower_) {
    if (const auto wrong = follower_->finish()) tally_.note(time_so_far(), *wrong);
    follower_.reset();  // the end is told once
  }
  if (torn_ && ordinal_ - torn_->ordinal < kLastPackets) tally_.note(torn_->at, kTorn);
  const auto told = tally_.text();
  if (!told) return {};
  return failure(ErrorCode::Malformed, name_ + ": is damaged or cut off after " + *told);
}

Duration LibavInput::time_so_far() const {
  return latest_ ? std::max(Duration{}, *latest_ - start_time()) : Duration{};
}

tl::unexpected<Error> LibavInput::damaged(const std::string& why) const {
  return failure(ErrorCode::Malformed, name_ + ": is damaged or cut off after " +
                                           seconds_text(time_so_far()) + " (" + why + ")");
}

bool LibavInput::seek_near(MediaTime time) {
  const int stream = layout_.stream_of_track.front();
  const int64_t target = av_rescale_q_rnd(time.time_since_epoch().count(), kMicroseconds,
                                          context_->streams[stream]->time_base, AV_ROUND_DOWN);
  read_through_ = false;
  latest_.reset();
  tally_ = {};
  torn_.reset();
  if (!follower_) follower_ = ContainerFollower::open(name_, *context_);
  if (follower_) follower_->jump();
  return av_seek_frame(context_.get(), stream, target, AVSEEK_FLAG_BACKWARD) >= 0;
}

Result<void> LibavInput::rewind() {
  ASSIGN_OR_RETURN(FormatContext fresh, open_context());
  ASSIGN_OR_RETURN(Layout layout, layout_of(*fresh));
  const auto same_codec = [](const Track& one, const Track& other) {
    return one.kind == other.kind && one.codec == other.codec;
  };
  if (!std::equal(layout.tracks.begin(), layout.tracks.end(), tracks().begin(), tracks().end(),
                  same_codec)) {
    return failure(ErrorCode::Malformed, name_ + ": is another clip now than the one opened");
  }
  context_ = std::move(fresh);
  layout_ = std::move(layout);
  follower_ = ContainerFollower::open(name_, *context_);
  tally_ = {};
  torn_.reset();
  ordinal_ = 0;
  latest_.reset();
  read_through_ = true;
  return {};
}

}  // namespace mayfly
