#include "demux/frame_builder.h"

#include <algorithm>
#include <utility>

namespace mayfly {
namespace {

// Held pictures beyond this are given without waiting for what would settle their pts.
constexpr size_t kMostHeld = 64;
constexpr size_t kMostSkipped = 1024;

// Times beyond 71 years are damage; sums of such times could overflow.
bool is_near(MediaTime time) {
  constexpr Duration kFarthestTime{int64_t{1} << 51};
  return time.time_since_epoch() < kFarthestTime && time.time_since_epoch() > -kFarthestTime;
}

FrameClass class_of(const CodedPicture& picture) {
  if (picture.intra) return FrameClass::I;
  return picture.reference ? FrameClass::P : FrameClass::B;
}

Duration frame_duration(const Track& track) {
  const Ratio rate = track.video.frame_rate;
  if (track.kind != TrackKind::Video || rate.numerator <= 0) return {};
  return Duration(int64_t{1'000'000} * rate.denominator / rate.numerator);
}

}  // namespace

FrameBuilder::FrameBuilder(const Track& track, Options options)
    : track_(track.id),
      kind_(track.kind),
      options_(std::move(options)),
      usual_duration_(frame_duration(track)) {
  position_.correction = options_.correction;
  if (!options_.clock) options_.clock = std::make_shared<ClipClock>();
  if (kind_ == TrackKind::Video) parser_ = make_picture_parser(track, options_.intra_only_codec);
}

void FrameBuilder::push(CodedPacket packet) {
  if (packet.bytes.empty()) return;
  follow_clock(packet);
  packet.pts = corrected(packet.pts);
  packet.dts = corrected(packet.dts);
  if (is_too_early(packet)) return;
  if (kind_ == TrackKind::Audio) {
    CodedPicture sound;
    sound.keyframe = true;
    begin(sound, packet.bytes, packet, true);
    return;
  }
  size_t offset = 0;
  const ByteView bytes(packet.bytes);
  for (const CodedPicture& part : parser_->read(bytes, packet.keyframe)) {
    push_part(part, bytes.subspan(offset, part.bytes), packet, offset == 0);
    offset += part.bytes;
  }
}

void FrameBuilder::follow_clock(const CodedPacket& packet) {
  if (!corrected(packet.dts)) return;
  const bool told = packet.duration > Duration::zero();
  options_.clock->follow(position_, *packet.dts, told ? packet.duration : usual_duration_);
}

std::optional<MediaTime> FrameBuilder::corrected(std::optional<MediaTime> time) const {
  if (!time || !is_near(*time)) return std::nullopt;
  *time += position_.correction;
  return is_near(*time) ? time : std::nullopt;
}

bool FrameBuilder::is_too_early(const CodedPacket& packet) const {
  const auto at = packet.pts ? packet.pts : packet.dts;
  return options_.start && at && *at < *options_.start;
}

void FrameBuilder::keep_for_next(ByteView bytes) {
  if (preamble_.size() + bytes.size() > kMostBytes) preamble_.clear();
  preamble_.insert(preamble_.end(), bytes.begin(), bytes.end());
}

void FrameBuilder::push_part(const CodedPicture& part, ByteView bytes, const CodedPacket& packet,
                             bool first) {
  switch (part.part) {
    case CodedPicture::Part::Preamble: keep_for_next(bytes); return;
    case CodedPicture::Part::Picture:
      if (!skips(part)) begin(part, bytes, packet, first);
      return;
    case CodedPicture::Part::Continuation: break;
  }
  if (skipping_) return;
  if (held_.empty() || held_.back().whole ||
      held_.back().bytes.size() + bytes.size() > kMostBytes) {
    keep_for_next(bytes);
    return;
  }
  Held& held = held_.back();
  held.bytes.insert(held.bytes.end(), bytes.begin(), bytes.end());
  held_bytes_ += bytes.size();
  if (!held.dts) held.dts = packet.dts;
  if (!part.may_continue) complete(held);
}

bool FrameBuilder::skips(const CodedPicture& picture) {
  const uint32_t number = parsed_++;
  if (options_.start_with_keyframe && !start_order_ && picture.keyframe) {
    start_order_ = picture.display_order;
  }
  if (options_.start_with_keyframe && !start_order_) {
    skipping_ = true;
    before_start_ = parsed_;
  } else {
    skipping_ =
        options_.skip_undecodable_start && needs_skipped(picture) && skipped_.size() < kMostSkipped;
    if (skipping_) skipped_.push_back(number);
  }
  if (skipping_) preamble_.clear();
  return skipping_;
}

bool FrameBuilder::needs_skipped(const CodedPicture& picture) const {
  if (picture.misses_reference) return true;
  if (!start_order_ || picture.display_order >= *start_order_) return false;
  return frame_numbers(picture.references).size() < picture.references.size();
}

std::vector<FrameNumber> FrameBuilder::frame_numbers(std::vector<FrameNumber> parsed) const {
  if (skipped_.empty() && before_start_ == 0) return parsed;
  std::vector<FrameNumber> numbers;
  for (const FrameNumber number : parsed) {
    if (number.value() < before_start_) continue;
    const auto place = std::lower_bound(skipped_.begin(), skipped_.end(), number.value());
    if (place != skipped_.end() && *place == number.value()) continue;
    numbers.emplace_back(number.value() - before_start_ -
                         static_cast<uint32_t>(place - skipped_.begin()));
  }
  return numbers;
}

void FrameBuilder::begin(const CodedPicture& picture, ByteView bytes, const CodedPacket& packet,
                         bool first) {
  if (!held_.empty() && !held_.back().whole) complete(held_.back());
  Held held;
  held.ordinal = packet.ordinal;
  held.correction = position_.correction;
  held.bytes = std::exchange(preamble_, {});
  held.bytes.insert(held.bytes.end(), bytes.begin(), bytes.end());
  held.display_order = picture.display_order;
  held.not_shown = packet.not_shown;
  if (first) {
    held.dts = packet.dts;
    if (options_.container_tells_pts || kind_ == TrackKind::Audio) held.pts = packet.pts;
  }
  if (count_ == 0) {
    if (options_.first_pts) held.pts = options_.first_pts;
    if (options_.first_dts) held.dts = options_.first_dts;
  }
  Frame& frame = held.frame;
  frame.track = track_;
  frame.number = FrameNumber(count_++);
  frame.keyframe = picture.keyframe;
  if (picture.keyframe) ++keyframes_;
  frame.gop = keyframes_ == 0 ? 0 : keyframes_ - 1;
  frame.duration = packet.duration;
  if (kind_ == TrackKind::Audio) {
    frame.frame_class = FrameClass::Audio;
  } else {
    frame.frame_class = class_of(picture);
    frame.picture_type = picture.type;
    frame.references = frame_numbers(picture.references);
  }
  held_bytes_ += held.bytes.size();
  held_.push_back(std::move(held));
  if (!picture.may_continue) complete(held_.back());
}

void FrameBuilder::complete(Held& held) {
  held.whole = true;
  Frame& frame = held.frame;
  if (frame.duration > Duration::zero() && usual_duration_ == Duration::zero()) {
    usual_duration_ = frame.duration;
  }
  if (frame.duration <= Duration::zero()) frame.duration = usual_duration_;
  frame.dts = settle_dts(held);
  // Two packets of one time (VP8's hidden frames) move the second by next to nothing, tracks that
  // overlap where recordings were joined by more; it is shown no sooner than decoded.
  const bool moved = held.dts && *held.dts < frame.dts;
  const bool is_late = held.pts && *held.pts < frame.dts;
  if (is_late && (moved || frame.dts - *held.pts < 1ms)) held.pts = frame.dts;
  held.dts = last_dts_ = frame.dts;
  if (kind_ == TrackKind::Audio) {
    if (!held.pts) held.pts = frame.dts;
    return;
  }
  if (!frame.picture_type) {  // never shown, so it takes no place among those that are
    held.pts = frame.dts;
    return;
  }
  reordering_.emplace_back(held.display_order, frame.number.value());
  while (std::cmp_greater(reordering_.size(), reorder_depth())) show_next(frame.dts);
}

MediaTime FrameBuilder::settle_dts(const Held& held) const {
  const Duration step = std::max(held.frame.duration, Duration(1));
  if (!last_dts_) {
    if (held.dts) return *held.dts;
    return held.pts ? *held.pts - reorder_depth() * usual_duration_ : MediaTime{};
  }
  if (!held.dts) {
    // Never after the picture's own pts where the container tells it.
    const MediaTime expected = *last_dts_ + step;
    if (held.pts && *held.pts < expected) return std::max(*held.pts, *last_dts_ + Duration(1));
    return expected;
  }
  return std::max(*held.dts, *last_dts_ + Duration(1));
}

int FrameBuilder::reorder_depth() const {
  const auto told = parser_ ? parser_->reorder_depth() : std::nullopt;
  return std::clamp(told.value_or(options_.reorder_depth), 0, static_cast<int>(kMaxReferences));
}

void FrameBuilder::show_next(MediaTime at) {
  const auto next = std::min_element(reordering_.begin(), reordering_.end());
  const uint32_t number = next->second;
  reordering_.erase(next);
  for (Held& held : held_) {
    if (held.frame.number.value() == number && !held.pts) held.pts = at;
  }
}

void FrameBuilder::give_rest() {
  if (preamble_.empty() || count_ == 0) return;
  if (!held_.empty()) {
    held_.back().bytes.insert(held_.back().bytes.end(), preamble_.begin(), preamble_.end());
    held_bytes_ += preamble_.size();
    preamble_.clear();
    return;
  }
  // Every frame is out already: what trails them, like the code that ends a sequence, goes in one
  // of its own that is never shown and nothing needs.
  CodedPicture rest;
  rest.reference = false;
  begin(rest, {}, CodedPacket{}, false);
}

void FrameBuilder::finish() {
  give_rest();
  if (!held_.empty() && !held_.back().whole) {
    if (parser_ && !parser_->last_is_shown()) held_.back().frame.picture_type.reset();
    complete(held_.back());
  }
  MediaTime at = last_dts_.value_or(MediaTime{});
  while (!reordering_.empty()) {
    at += std::max(usual_duration_, Duration(1));
    show_next(at);
  }
}

std::optional<Frame> FrameBuilder::pop() {
  if (held_.empty()) return std::nullopt;
  Held& held = held_.front();
  if (!held.whole) return std::nullopt;
  if (!held.pts) {
    if (held_.size() <= kMostHeld && held_bytes_ <= kMostBytes) return std::nullopt;
    held.pts = held.dts;
  }
  Frame frame = std::move(held.frame);
  frame.pts = *held.pts;
  if (held.not_shown) frame.picture_type.reset();
  held_bytes_ -= held.bytes.size();
  frame.payload = std::make_shared<const Bytes>(std::move(held.bytes));
  held_.pop_front();
  return frame;
}

std::optional<uint64_t> FrameBuilder::next_ordinal() const {
  if (held_.empty()) return std::nullopt;
  return held_.front().ordinal;
}

Duration FrameBuilder::next_correction() const {
  return held_.empty() ? position_.correction : held_.front().correction;
}

}  // namespace mayfly
