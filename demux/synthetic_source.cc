#include "demux/synthetic_source.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/random.h"

namespace mayfly {
namespace {

constexpr TrackId kVideo{0};
constexpr TrackId kAudio{1};

Random stream_of(uint64_t seed, TrackId track, uint32_t position) {
  return Random(seed * 0x9e3779b97f4a7c15ULL ^
                (static_cast<uint64_t>(track.value()) << 32U | position));
}

Track video_track(const SyntheticShape& shape) {
  Track track;
  track.id = kVideo;
  track.kind = TrackKind::Video;
  track.codec = "synthetic";
  track.video.width = 640;
  track.video.height = 360;
  track.video.frame_rate = shape.frame_rate;
  track.video.frame_delay = shape.pattern.find('B') == std::string::npos ? 0 : 1;
  return track;
}

Track audio_track() {
  Track track;
  track.id = kAudio;
  track.kind = TrackKind::Audio;
  track.codec = "synthetic";
  track.audio.sample_rate = 48'000;
  track.audio.channels = 2;
  return track;
}

}  // namespace

SyntheticSource::SyntheticSource(SyntheticShape shape) : shape_(std::move(shape)) {
  MAYFLY_CHECK(shape_.frame_rate.numerator > 0 && shape_.frame_rate.denominator > 0);
  MAYFLY_CHECK(!shape_.pattern.empty() && shape_.pattern.front() == 'I');
  MAYFLY_CHECK(shape_.pattern.find_first_not_of("IPB") == std::string::npos);
  MAYFLY_CHECK(shape_.audio_frame_duration > Duration::zero());
  tracks_.push_back(video_track(shape_));
  if (shape_.with_audio) tracks_.push_back(audio_track());
  if (tracks_.front().video.frame_delay > 0) reorder_delay_ = picture_time(1);
}

std::optional<Duration> SyntheticSource::duration() const { return picture_time(shape_.pictures); }

Result<Reading> SyntheticSource::next() {
  const bool video_left = video_next_ < shape_.pictures;
  const bool audio_left = audio_next_ < audio_count();
  if (!video_left && !audio_left) return EndOfMedia{};
  const bool audio_is_due =
      audio_left && (!video_left || shape_.audio_frame_duration * audio_next_ + reorder_delay_ <
                                        picture_time(video_next_));
  if (audio_is_due) {
    Frame frame = audio_frame();
    ++audio_next_;
    return frame;
  }
  Frame frame = video_frame();
  ++video_next_;
  return frame;
}

Result<void> SyntheticSource::seek(MediaTime position) {
  uint32_t landing = 0;
  for (uint32_t picture = 0; picture < shape_.pictures; ++picture) {
    if (type_at(picture) == PictureType::I && pts_at(picture) <= position) landing = picture;
  }
  video_first_ = video_next_ = landing;
  const auto audio_position = pts_at(landing).time_since_epoch() - reorder_delay_;
  audio_first_ = audio_next_ = static_cast<uint32_t>(audio_position / shape_.audio_frame_duration);
  return {};
}

Bytes SyntheticSource::payload_of(uint64_t seed, TrackId track, uint32_t position_in_clip,
                                  size_t bytes) {
  Bytes payload;
  payload.reserve(bytes + kSmallestPayload);
  ByteWriter writer(payload);
  writer.u32(position_in_clip);
  Random random = stream_of(seed, track, position_in_clip);
  writer.u32(static_cast<uint32_t>(random.bits()));
  while (payload.size() < bytes) writer.u64(random.bits());
  payload.resize(std::max(bytes, kSmallestPayload));
  return payload;
}

std::optional<uint32_t> SyntheticSource::genuine_position(uint64_t seed, TrackId track,
                                                          ByteView payload) {
  ByteReader reader(payload);
  const uint32_t position = reader.u32();
  if (payload.size() < kSmallestPayload) return std::nullopt;
  const Bytes expected = payload_of(seed, track, position, payload.size());
  if (!std::equal(payload.begin(), payload.end(), expected.begin())) return std::nullopt;
  return position;
}

Frame SyntheticSource::video_frame() const {
  const uint32_t position = video_next_;
  Frame frame;
  frame.track = kVideo;
  frame.number = FrameNumber(position - video_first_);
  frame.picture_type = type_at(position);
  size_t mean = 0;
  switch (*frame.picture_type) {
    case PictureType::I:
      frame.frame_class = FrameClass::I;
      frame.keyframe = true;
      mean = shape_.i_bytes;
      break;
    case PictureType::P:
      frame.frame_class = FrameClass::P;
      mean = shape_.p_bytes;
      break;
    case PictureType::B:
      frame.frame_class = FrameClass::B;
      mean = shape_.b_bytes;
      break;
  }
  frame.gop = intra_up_to(position) - intra_up_to(video_first_);
  frame.pts = pts_at(position);
  frame.dts = MediaTime(picture_time(position));
  frame.duration = picture_time(position + 1) - picture_time(position);
  frame.references = references_of(position);
  frame.payload = std::make_shared<const Bytes>(
      payload_of(shape_.seed, kVideo, position, size_at(kVideo, position, mean)));
  return frame;
}

Frame SyntheticSource::audio_frame() const {
  Frame frame;
  frame.track = kAudio;
  frame.number = FrameNumber(audio_next_ - audio_first_);
  frame.frame_class = FrameClass::Audio;
  frame.keyframe = true;
  frame.gop = frame.number.value();
  frame.pts = frame.dts = MediaTime(shape_.audio_frame_duration * audio_next_ + reorder_delay_);
  frame.duration = shape_.audio_frame_duration;
  frame.payload = std::make_shared<const Bytes>(payload_of(
      shape_.seed, kAudio, audio_next_, size_at(kAudio, audio_next_, shape_.audio_bytes)));
  return frame;
}

std::vector<FrameNumber> SyntheticSource::references_of(uint32_t position) const {
  const PictureType type = type_at(position);
  if (type == PictureType::I) return {};
  const size_t wanted = type == PictureType::P ? 1 : 2;
  std::vector<FrameNumber> references;
  for (uint32_t earlier = position; earlier > video_first_ && references.size() < wanted;) {
    --earlier;
    if (type_at(earlier) != PictureType::B) {
      references.emplace_back(earlier - video_first_);
    }
  }
  std::reverse(references.begin(), references.end());
  return references;
}

uint32_t SyntheticSource::intra_up_to(uint32_t position) const {
  const auto& pattern = shape_.pattern;
  const auto length = static_cast<uint32_t>(pattern.size());
  const auto rest = pattern.begin() + static_cast<std::ptrdiff_t>(position % length) + 1;
  return static_cast<uint32_t>(position / length * std::count(pattern.begin(), pattern.end(), 'I') +
                               std::count(pattern.begin(), rest, 'I'));
}

PictureType SyntheticSource::type_at(uint32_t position) const {
  switch (shape_.pattern[position % shape_.pattern.size()]) {
    case 'I': return PictureType::I;
    case 'P': return PictureType::P;
    default: return PictureType::B;
  }
}

size_t SyntheticSource::size_at(TrackId track, uint32_t position, size_t mean) const {
  Random random = stream_of(~shape_.seed, track, position);
  const double factor = 1 + shape_.size_spread * (2 * random.uniform() - 1);
  return std::max(kSmallestPayload,
                  static_cast<size_t>(std::lround(static_cast<double>(mean) * factor)));
}

uint32_t SyntheticSource::display_position(uint32_t position) const {
  // A B picture gives its anchor one place; an anchor waits for the B pictures that follow it.
  if (type_at(position) == PictureType::B) return position - 1;
  uint32_t last = position;
  while (last + 1 < shape_.pictures && type_at(last + 1) == PictureType::B) ++last;
  return last;
}

Duration SyntheticSource::picture_time(int64_t position) const {
  return Duration(position * 1'000'000 * shape_.frame_rate.denominator /
                  shape_.frame_rate.numerator);
}

MediaTime SyntheticSource::pts_at(uint32_t position) const {
  return MediaTime(picture_time(display_position(position)) + reorder_delay_);
}

uint32_t SyntheticSource::audio_count() const {
  if (!shape_.with_audio) return 0;
  return static_cast<uint32_t>(picture_time(shape_.pictures) / shape_.audio_frame_duration);
}

}  // namespace mayfly
