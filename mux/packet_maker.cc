#include "mux/packet_maker.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace mayfly {
namespace {

constexpr AVRational kMicroseconds{1, 1'000'000};

// libavformat 59 notes in a Matroska file that Opus begins with samples to be thrown away, and
// readers take their duration off every time; but it does not add it when it writes, so that sound
// would come early by so much.
Duration uncounted_delay(const AVOutputFormat& container, const Track& track) {
  const std::string_view name = container.name;
  if (track.codec != "opus" || (name != "matroska" && name != "webm")) return {};
  return Duration(av_rescale(track.audio.initial_padding, 1'000'000, 48'000));
}

AVRational time_base_of(const Track& track) {
  const Ratio base = track.time_base;
  const bool usable = base.numerator > 0 && base.denominator > 0;
  return usable ? AVRational{base.numerator, base.denominator} : kMicroseconds;
}

}  // namespace

PacketMaker::PacketMaker(const AVStream& stream, const Track& track,
                         const AVOutputFormat& container)
    : stream_(&stream),
      clip_time_base_(time_base_of(track)),
      delay_(uncounted_delay(container, track)) {}

// By way of the clip's own ticks: rounding to microseconds and back finds them again, so a
// container that counts in the same ticks gets the very numbers the clip had.
int64_t PacketMaker::ticks(Duration time) const {
  const int64_t own = av_rescale_q(time.count(), kMicroseconds, clip_time_base_);
  return av_rescale_q(own, clip_time_base_, stream_->time_base);
}

Result<OutputPacket> PacketMaker::make(const Frame& frame, Duration shift) {
  OutputPacket packet(av_packet_alloc());
  if (!packet || av_new_packet(packet.get(), static_cast<int>(frame.bytes())) < 0) {
    return failure(ErrorCode::Exhausted, "no memory for a frame");
  }
  if (frame.bytes() > 0) std::memcpy(packet->data, frame.payload->data(), frame.bytes());
  shift += delay_;
  packet->stream_index = stream_->index;
  packet->pts = ticks((frame.pts + shift).time_since_epoch());
  packet->dts = ticks((frame.dts + shift).time_since_epoch());
  packet->duration = ticks(frame.duration);
  if (frame.keyframe || frame.frame_class == FrameClass::Audio) packet->flags |= AV_PKT_FLAG_KEY;
  if (last_dts_ != AV_NOPTS_VALUE && packet->dts <= last_dts_) packet->dts = last_dts_ + 1;
  packet->pts = std::max(packet->pts, packet->dts);
  last_dts_ = packet->dts;
  return packet;
}

}  // namespace mayfly
