// Values to protobuf. Never fails: a text that is too long or not UTF-8 and a time beyond the
// wire's range are brought to the nearest that a peer accepts.
#include <algorithm>

#include "control.pb.h"
#include "core/check.h"
#include "wire/control.h"
#include "wire/utf8.h"

namespace mayfly::wire {
namespace {

uint64_t elapsed(Duration time) {
  return static_cast<uint64_t>(std::clamp(time, Duration::zero(), kMaxWireTime).count());
}

int64_t signed_time(Duration time) { return std::clamp(time, -kMaxWireTime, kMaxWireTime).count(); }

int64_t media_time(MediaTime time) { return signed_time(time.time_since_epoch()); }

std::string text(const std::string& value) { return valid_utf8(value, kMaxTextBytes); }
std::string name(const std::string& value) { return valid_utf8(value, kMaxNameBytes); }

proto::FrameClass to_proto(FrameClass frame_class) {
  switch (frame_class) {
    case FrameClass::I: return proto::FRAME_CLASS_I;
    case FrameClass::P: return proto::FRAME_CLASS_P;
    case FrameClass::B: return proto::FRAME_CLASS_B;
    case FrameClass::Audio: return proto::FRAME_CLASS_AUDIO;
  }
  return proto::FRAME_CLASS_UNSPECIFIED;
}

proto::SenderFate to_proto(SenderFate fate) {
  switch (fate) {
    case SenderFate::Sent: return proto::SENDER_FATE_SENT;
    case SenderFate::AbandonedUnsent: return proto::SENDER_FATE_ABANDONED_UNSENT;
    case SenderFate::AbandonedSent: return proto::SENDER_FATE_ABANDONED_SENT;
  }
  return proto::SENDER_FATE_UNSPECIFIED;
}

proto::ErrorCode to_proto(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument: return proto::ERROR_CODE_INVALID_ARGUMENT;
    case ErrorCode::NotFound: return proto::ERROR_CODE_NOT_FOUND;
    case ErrorCode::Malformed: return proto::ERROR_CODE_MALFORMED;
    case ErrorCode::Unsupported: return proto::ERROR_CODE_UNSUPPORTED;
    case ErrorCode::Exhausted: return proto::ERROR_CODE_EXHAUSTED;
    case ErrorCode::Closed: return proto::ERROR_CODE_CLOSED;
    case ErrorCode::Io: return proto::ERROR_CODE_IO;
    case ErrorCode::Timeout: return proto::ERROR_CODE_TIMEOUT;
  }
  return proto::ERROR_CODE_UNSPECIFIED;
}

// A ratio without a denominator is one that is not told, and so is an absent one.
void write(const Ratio& ratio, proto::Ratio& out) {
  out.set_numerator(ratio.denominator > 0 ? std::max(ratio.numerator, 0) : 0);
  out.set_denominator(std::max(ratio.denominator, 1));
}

void write(const VideoParameters& video, proto::VideoParameters& out) {
  out.set_width(video.width);
  out.set_height(video.height);
  write(video.sample_aspect, *out.mutable_sample_aspect());
  write(video.frame_rate, *out.mutable_frame_rate());
  out.set_pixel_format(video.pixel_format);
  out.set_field_order(video.field_order);
  out.set_colour_range(video.colour_range);
  out.set_colour_primaries(video.colour_primaries);
  out.set_colour_transfer(video.colour_transfer);
  out.set_colour_space(video.colour_space);
  out.set_chroma_location(video.chroma_location);
  out.set_frame_delay(video.frame_delay);
}

void write(const AudioParameters& audio, proto::AudioParameters& out) {
  out.set_sample_rate(audio.sample_rate);
  out.set_channels(audio.channels);
  out.set_channel_mask(audio.channel_mask);
  out.set_sample_format(audio.sample_format);
  out.set_samples_per_frame(audio.samples_per_frame);
  out.set_block_align(audio.block_align);
  out.set_bits_per_coded_sample(audio.bits_per_coded_sample);
  out.set_initial_padding(audio.initial_padding);
  out.set_seek_preroll(audio.seek_preroll);
}

void write(const Track& track, proto::Track& out) {
  out.set_id(track.id.value());
  out.set_kind(track.kind == TrackKind::Video ? proto::TRACK_KIND_VIDEO : proto::TRACK_KIND_AUDIO);
  out.set_codec(name(track.codec));
  out.set_codec_tag(track.codec_tag);
  out.set_profile(track.profile);
  out.set_level(track.level);
  out.set_bit_rate(track.bit_rate);
  out.set_extradata(track.extradata.data(), track.extradata.size());
  write(track.time_base, *out.mutable_time_base());
  // Both, whatever the kind: a default is not all zeros, so what is absent would come back changed.
  write(track.video, *out.mutable_video());
  write(track.audio, *out.mutable_audio());
  out.set_language(name(track.language));
}

void write(const ClassDelivery& delivery, proto::ClassDelivery& out) {
  out.set_frame_class(to_proto(delivery.frame_class));
  out.set_stream(delivery.stream.value());
  out.set_ordered(delivery.ordered);
  out.set_lifetime(name(delivery.lifetime));
  out.set_priority(delivery.priority);
}

void write(const Hello& hello, proto::Control& control) {
  auto& out = *control.mutable_hello();
  out.set_version(hello.version);
  out.set_software(text(hello.software));
  for (const std::string& each : hello.features) out.add_features(name(each));
  out.set_sent_at(elapsed(hello.sent_at));
}

void write(const Welcome& welcome, proto::Control& control) {
  auto& out = *control.mutable_welcome();
  out.set_version(welcome.version);
  out.set_software(text(welcome.software));
  for (const std::string& each : welcome.features) out.add_features(name(each));
  out.set_hello_sent_at(elapsed(welcome.hello_sent_at));
  out.set_hello_received_at(elapsed(welcome.hello_received_at));
  out.set_sent_at(elapsed(welcome.sent_at));
}

void write(const CatalogueRequest&, proto::Control& control) {
  control.mutable_catalogue_request();
}

void write(const Catalogue& catalogue, proto::Control& control) {
  auto& out = *control.mutable_catalogue();
  for (const CatalogueEntry& entry : catalogue.entries) {
    auto& each = *out.add_entries();
    each.set_name(entry.name);
    if (entry.duration) each.set_duration(elapsed(*entry.duration));
    for (const Track& track : entry.tracks) write(track, *each.add_tracks());
  }
  out.set_complete(catalogue.complete);
}

void write(const Play& play, proto::Control& control) {
  auto& out = *control.mutable_play();
  out.set_clip(play.clip);
  out.set_position(media_time(play.position));
  out.set_playout_delay(elapsed(play.playout_delay));
  out.set_loop(play.loop);
}

void write(const Playing& playing, proto::Control& control) {
  auto& out = *control.mutable_playing();
  out.set_epoch(playing.epoch.value());
  out.set_clip(playing.clip);
  for (const Track& track : playing.tracks) write(track, *out.add_tracks());
  out.set_position(media_time(playing.position));
  out.set_first_dts(media_time(playing.first_dts));
  out.set_started_at(elapsed(playing.started_at));
  out.set_playout_delay(elapsed(playing.playout_delay));
  if (playing.duration) out.set_duration(elapsed(*playing.duration));
  out.set_policy(name(playing.policy));
  for (const ClassDelivery& each : playing.delivery) write(each, *out.add_delivery());
  out.set_next_turn(playing.next_turn);
}

void write(const Pause&, proto::Control& control) { control.mutable_pause(); }
void write(const Resume&, proto::Control& control) { control.mutable_resume(); }

void write(const Paused& paused, proto::Control& control) {
  control.mutable_paused()->set_epoch(paused.epoch.value());
  control.mutable_paused()->set_at(elapsed(paused.at));
}

void write(const Resumed& resumed, proto::Control& control) {
  control.mutable_resumed()->set_epoch(resumed.epoch.value());
  control.mutable_resumed()->set_at(elapsed(resumed.at));
}

void write(const Seek& seek, proto::Control& control) {
  control.mutable_seek()->set_position(media_time(seek.position));
}

void write(const Stop&, proto::Control& control) { control.mutable_stop(); }

void write(const SetDelivery& set, proto::Control& control) {
  control.mutable_set_delivery()->set_frame_class(to_proto(set.frame_class));
  control.mutable_set_delivery()->set_lifetime(name(set.lifetime));
}

void write(const SenderReport& report, proto::Control& control) {
  auto& out = *control.mutable_sender_report();
  out.set_epoch(report.epoch.value());
  for (const FrameFate& fate : report.fates) {
    auto& each = *out.add_fates();
    each.set_track(fate.track.value());
    each.set_number(fate.number.value());
    each.set_frame_class(to_proto(fate.frame_class));
    each.set_fate(to_proto(fate.fate));
    each.set_dts(media_time(fate.dts));
  }
  out.set_sent_at(elapsed(report.sent_at));
  out.set_report_sent_at(elapsed(report.report_sent_at));
  out.set_report_received_at(elapsed(report.report_received_at));
  for (const ClassDelivery& each : report.delivery) write(each, *out.add_delivery());
}

void write(const ReceiverReport& report, proto::Control& control) {
  auto& out = *control.mutable_receiver_report();
  out.set_epoch(report.epoch.value());
  for (const ClassCounts& counts : report.classes) {
    auto& each = *out.add_classes();
    each.set_frame_class(to_proto(counts.frame_class));
    each.set_received(counts.received);
    each.set_late(counts.late);
    each.set_missing(counts.missing);
    each.set_undecodable(counts.undecodable);
  }
  out.set_one_way_delay(signed_time(report.one_way_delay));
  out.set_one_way_delay_trend(signed_time(report.one_way_delay_trend));
  out.set_buffer_level(elapsed(report.buffer_level));
  out.set_sent_at(elapsed(report.sent_at));
}

void write(const EndOfClip& end, proto::Control& control) {
  auto& out = *control.mutable_end_of_clip();
  out.set_epoch(end.epoch.value());
  for (const auto& [track, frames] : end.frames) {
    auto& each = *out.add_tracks();
    each.set_track(track.value());
    each.set_frames(frames);
  }
}

void write(const Refused& refused, proto::Control& control) {
  control.mutable_refused()->set_code(to_proto(refused.code));
  control.mutable_refused()->set_message(text(refused.message));
}

void write(const Bye& bye, proto::Control& control) {
  control.mutable_bye()->set_code(to_proto(bye.code));
  control.mutable_bye()->set_reason(text(bye.reason));
}

}  // namespace

Bytes serialize(const ControlMessage& message) {
  proto::Control control;
  std::visit([&control](const auto& each) { write(each, control); }, message);
  Bytes bytes(control.ByteSizeLong());
  MAYFLY_CHECK(control.SerializeToArray(bytes.data(), static_cast<int>(bytes.size())));
  return bytes;
}

}  // namespace mayfly::wire
