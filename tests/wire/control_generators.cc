#include "tests/wire/control_generators.h"

namespace mayfly::wire {
namespace {

using rc::gen::arbitrary;
using rc::gen::inRange;

Duration any_elapsed() { return Duration(*inRange<int64_t>(0, kMaxWireTime.count() + 1)); }
Duration any_signed_time() {
  return Duration(*inRange<int64_t>(-kMaxWireTime.count(), kMaxWireTime.count() + 1));
}
MediaTime any_media_time() { return MediaTime(any_signed_time()); }
Epoch any_epoch() { return Epoch(*arbitrary<uint8_t>()); }
TrackId any_track_id() { return TrackId(*arbitrary<uint8_t>()); }
FrameClass any_class() { return *rc::gen::elementOf(kFrameClasses); }
int32_t up_to(int32_t most) { return *inRange(0, most); }

std::string any_text(size_t most) {
  std::string text;
  const size_t length = *inRange<size_t>(0, most / 2);
  for (size_t i = 0; i < length; ++i) {
    text += *rc::gen::element<std::string>("a", "/", " ", "0", "\xc3\xa9");
  }
  return text;
}
std::string any_name() { return "n" + any_text(kMaxNameBytes - 2); }
// File names are bytes.
std::string any_clip() { return "c" + *rc::gen::container<std::string>(arbitrary<char>()); }

template <class Make>
auto some(size_t most, Make make) {
  std::vector<decltype(make())> values;
  const size_t count = *inRange<size_t>(0, most + 1);
  for (size_t i = 0; i < count; ++i) values.push_back(make());
  return values;
}

std::vector<FrameClass> any_classes() {
  std::vector<FrameClass> classes;
  for (const FrameClass each : kFrameClasses) {
    if (*arbitrary<bool>()) classes.push_back(each);
  }
  return classes;
}

Ratio any_ratio() { return {up_to(1'000'000), *inRange(1, 1'000'000)}; }

Track any_track(TrackId id) {
  Track track;
  track.id = id;
  track.kind = *rc::gen::element(TrackKind::Video, TrackKind::Audio);
  track.codec = any_name();
  track.codec_tag = *arbitrary<uint32_t>();
  track.profile = *arbitrary<int32_t>();
  track.level = *arbitrary<int32_t>();
  track.bit_rate = *inRange<int64_t>(0, 1'000'000'000'000);
  for (const uint8_t byte : *arbitrary<std::vector<uint8_t>>()) {
    track.extradata.push_back(static_cast<std::byte>(byte));
  }
  track.time_base = {*inRange(1, 1001), *inRange(1, 90'001)};
  track.video = {.width = up_to(65536),
                 .height = up_to(65536),
                 .sample_aspect = any_ratio(),
                 .frame_rate = any_ratio(),
                 .pixel_format = up_to(300) - 1,
                 .field_order = up_to(6),
                 .colour_range = up_to(3),
                 .colour_primaries = up_to(23),
                 .colour_transfer = up_to(19),
                 .colour_space = up_to(15),
                 .chroma_location = up_to(7),
                 .frame_delay = up_to(17)};
  track.audio = {.sample_rate = up_to(400'000),
                 .channels = up_to(65),
                 .channel_mask = *arbitrary<uint64_t>(),
                 .sample_format = up_to(14) - 1,
                 .samples_per_frame = up_to(8192),
                 .block_align = up_to(8192),
                 .bits_per_coded_sample = up_to(65),
                 .initial_padding = up_to(8192),
                 .seek_preroll = up_to(8192)};
  track.language = any_text(kMaxNameBytes);
  return track;
}

std::vector<Track> any_tracks(size_t least) {
  std::vector<Track> tracks;
  const size_t count = *inRange<size_t>(least, 4);
  for (size_t i = 0; i < count; ++i)
    tracks.push_back(any_track(TrackId(static_cast<uint8_t>(i * 85))));
  return tracks;
}

std::vector<ClassDelivery> any_delivery() {
  std::vector<ClassDelivery> delivery;
  for (const FrameClass each : any_classes()) {
    delivery.push_back({.frame_class = each,
                        .stream = StreamId(*inRange<uint16_t>(1, 0xffff)),
                        .ordered = *arbitrary<bool>(),
                        .lifetime = any_name(),
                        .priority = *inRange<uint32_t>(0, 0x10000)});
  }
  return delivery;
}

CatalogueEntry any_entry() {
  CatalogueEntry entry{.name = any_clip(), .duration = std::nullopt, .tracks = any_tracks(0)};
  if (*arbitrary<bool>()) entry.duration = any_elapsed();
  return entry;
}

FrameFate any_fate() {
  return {.track = any_track_id(),
          .number = FrameNumber(*arbitrary<uint32_t>()),
          .frame_class = any_class(),
          .fate = *rc::gen::element(SenderFate::Sent, SenderFate::AbandonedUnsent,
                                    SenderFate::AbandonedSent),
          .dts = any_media_time()};
}

ErrorCode any_code() { return static_cast<ErrorCode>(up_to(8)); }

Playing any_playing() {
  Playing playing{.epoch = any_epoch(),
                  .clip = any_clip(),
                  .tracks = any_tracks(1),
                  .position = any_media_time(),
                  .first_dts = any_media_time(),
                  .started_at = any_elapsed(),
                  .playout_delay = any_elapsed(),
                  .duration = std::nullopt,
                  .policy = any_name(),
                  .delivery = any_delivery()};
  if (*arbitrary<bool>()) playing.duration = any_elapsed();
  playing.next_turn = *arbitrary<bool>();
  return playing;
}

ReceiverReport any_receiver_report() {
  ReceiverReport report{.epoch = any_epoch(),
                        .classes = {},
                        .one_way_delay = any_signed_time(),
                        .one_way_delay_trend = any_signed_time(),
                        .buffer_level = any_elapsed(),
                        .sent_at = any_elapsed()};
  for (const FrameClass each : any_classes()) {
    report.classes.push_back({each, *arbitrary<uint64_t>(), *arbitrary<uint64_t>(),
                              *arbitrary<uint64_t>(), *arbitrary<uint64_t>()});
  }
  return report;
}

EndOfClip any_end() {
  EndOfClip end{.epoch = any_epoch(), .frames = {}};
  const uint8_t count = *inRange<uint8_t>(0, 5);
  for (uint8_t i = 0; i < count; ++i) end.frames.emplace_back(TrackId(i), *arbitrary<uint32_t>());
  return end;
}

ControlMessage message_of_kind(size_t kind) {
  switch (kind) {
    case 0:
      return Hello{*arbitrary<uint32_t>(), any_text(kMaxTextBytes), some(5, any_name),
                   any_elapsed()};
    case 1:
      return Welcome{*arbitrary<uint32_t>(), any_text(kMaxTextBytes), some(5, any_name),
                     any_elapsed(),          any_elapsed(),           any_elapsed()};
    case 2: return CatalogueRequest{};
    case 3: return Catalogue{some(5, any_entry), *arbitrary<bool>()};
    case 4: return Play{any_clip(), any_media_time(), any_elapsed(), *arbitrary<bool>()};
    case 5: return any_playing();
    case 6: return Pause{};
    case 7: return Resume{};
    case 8: return Paused{any_epoch(), any_elapsed()};
    case 9: return Resumed{any_epoch(), any_elapsed()};
    case 10: return Seek{any_media_time()};
    case 11: return Stop{};
    case 12: return SetDelivery{any_class(), any_name()};
    case 13:
      return SenderReport{any_epoch(),   some(20, any_fate), any_elapsed(),
                          any_elapsed(), any_elapsed(),      any_delivery()};
    case 14: return any_receiver_report();
    case 15: return any_end();
    case 16: return Refused{any_code(), any_text(kMaxTextBytes)};
    default: return Bye{any_code(), any_text(kMaxTextBytes)};
  }
}

}  // namespace

rc::Gen<ControlMessage> any_control_message() {
  return rc::gen::exec(
      [] { return message_of_kind(*inRange<size_t>(0, std::variant_size_v<ControlMessage>)); });
}

}  // namespace mayfly::wire
