// Protobuf to values. Every field is checked against the limits of docs/WIRE_FORMAT.md, so whoever
// gets a message need not check again.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "control.pb.h"
#include "wire/control.h"

namespace mayfly::wire {
namespace {

constexpr int32_t kMaxInt = std::numeric_limits<int32_t>::max();

// Turns fields into values and remembers the first one that is out of its range; the value is then
// of no use, and the message is refused at the end.
class FieldReader {
 public:
  template <class T>
  [[nodiscard]] T within(T value, T low, T high, const char* field) {
    if (value < low || value > high) {
      fail(fmt::format("{} is {}, not within {} to {}", field, value, low, high));
      return low;
    }
    return value;
  }
  [[nodiscard]] Duration elapsed(uint64_t time, const char* field) {
    constexpr auto kMost = static_cast<uint64_t>(kMaxWireTime.count());
    return Duration(static_cast<int64_t>(within<uint64_t>(time, 0, kMost, field)));
  }
  [[nodiscard]] Duration signed_time(int64_t time, const char* field) {
    return Duration(within(time, -kMaxWireTime.count(), kMaxWireTime.count(), field));
  }
  [[nodiscard]] MediaTime media_time(int64_t time, const char* field) {
    return MediaTime(signed_time(time, field));
  }
  [[nodiscard]] Epoch epoch(uint32_t value) {
    return Epoch(static_cast<uint8_t>(within<uint32_t>(value, 0, 0xff, "epoch")));
  }
  [[nodiscard]] TrackId track(uint32_t value) {
    return TrackId(static_cast<uint8_t>(within<uint32_t>(value, 0, 0xff, "track")));
  }
  [[nodiscard]] std::string text(const std::string& value, size_t most, const char* field) {
    static_cast<void>(within<size_t>(value.size(), 0, most, field));
    return value;
  }
  // A text that must not be empty.
  [[nodiscard]] std::string name(const std::string& value, const char* field,
                                 size_t most = kMaxNameBytes) {
    static_cast<void>(within<size_t>(value.size(), 1, most, field));
    return value;
  }
  // Whether a list has no more than `most` entries; one that has is not read.
  [[nodiscard]] bool admits(int count, size_t most, const char* field) {
    if (static_cast<size_t>(count) <= most) return true;
    fail(fmt::format("{} {}, more than {}", count, field, most));
    return false;
  }
  [[nodiscard]] FrameClass frame_class(proto::FrameClass value) {
    const int index =
        within<int>(value, proto::FRAME_CLASS_I, proto::FRAME_CLASS_AUDIO, "frame_class");
    return kFrameClasses[static_cast<size_t>(index - 1)];
  }
  [[nodiscard]] SenderFate sender_fate(proto::SenderFate value) {
    const int index =
        within<int>(value, proto::SENDER_FATE_SENT, proto::SENDER_FATE_ABANDONED_SENT, "fate");
    return static_cast<SenderFate>(index - 1);
  }
  [[nodiscard]] ErrorCode error_code(proto::ErrorCode value) {
    const int index =
        within<int>(value, proto::ERROR_CODE_INVALID_ARGUMENT, proto::ERROR_CODE_TIMEOUT, "code");
    return static_cast<ErrorCode>(index - 1);
  }
  void fail(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
  }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  std::string fault_;
};
static_assert(static_cast<int>(ErrorCode::Timeout) + 1 == proto::ERROR_CODE_TIMEOUT);
static_assert(static_cast<int>(SenderFate::AbandonedSent) + 1 == proto::SENDER_FATE_ABANDONED_SENT);
static_assert(kFrameClassCount == proto::FRAME_CLASS_AUDIO);

Ratio read_ratio(FieldReader& fields, bool present, const proto::Ratio& in, const char* field) {
  if (!present) return {};
  return {fields.within(in.numerator(), 0, kMaxInt, field),
          fields.within(in.denominator(), 1, kMaxInt, field)};
}

VideoParameters read(FieldReader& fields, const proto::VideoParameters& in) {
  VideoParameters video;
  video.width = fields.within(in.width(), 0, 0xffff, "width");
  video.height = fields.within(in.height(), 0, 0xffff, "height");
  video.sample_aspect =
      read_ratio(fields, in.has_sample_aspect(), in.sample_aspect(), "sample_aspect");
  video.frame_rate = read_ratio(fields, in.has_frame_rate(), in.frame_rate(), "frame_rate");
  video.pixel_format = fields.within(in.pixel_format(), -1, 0xffff, "pixel_format");
  video.field_order = fields.within(in.field_order(), 0, 0xff, "field_order");
  video.colour_range = fields.within(in.colour_range(), 0, 0xff, "colour_range");
  video.colour_primaries = fields.within(in.colour_primaries(), 0, 0xff, "colour_primaries");
  video.colour_transfer = fields.within(in.colour_transfer(), 0, 0xff, "colour_transfer");
  video.colour_space = fields.within(in.colour_space(), 0, 0xff, "colour_space");
  video.chroma_location = fields.within(in.chroma_location(), 0, 0xff, "chroma_location");
  video.frame_delay = fields.within(in.frame_delay(), 0, 0xff, "frame_delay");
  return video;
}

AudioParameters read(FieldReader& fields, const proto::AudioParameters& in) {
  AudioParameters audio;
  audio.sample_rate = fields.within(in.sample_rate(), 0, kMaxInt, "sample_rate");
  audio.channels = fields.within(in.channels(), 0, 1024, "channels");
  audio.channel_mask = in.channel_mask();
  audio.sample_format = fields.within(in.sample_format(), -1, 0xff, "sample_format");
  audio.samples_per_frame = fields.within(in.samples_per_frame(), 0, kMaxInt, "samples_per_frame");
  audio.block_align = fields.within(in.block_align(), 0, kMaxInt, "block_align");
  audio.bits_per_coded_sample =
      fields.within(in.bits_per_coded_sample(), 0, 1024, "bits_per_coded_sample");
  audio.initial_padding = fields.within(in.initial_padding(), 0, kMaxInt, "initial_padding");
  audio.seek_preroll = fields.within(in.seek_preroll(), 0, kMaxInt, "seek_preroll");
  return audio;
}

Track read(FieldReader& fields, const proto::Track& in) {
  Track track;
  track.id = fields.track(in.id());
  track.kind = fields.within<int>(in.kind(), proto::TRACK_KIND_VIDEO, proto::TRACK_KIND_AUDIO,
                                  "kind") == proto::TRACK_KIND_VIDEO
                   ? TrackKind::Video
                   : TrackKind::Audio;
  track.codec = fields.name(in.codec(), "codec");
  track.codec_tag = in.codec_tag();
  track.profile = in.profile();
  track.level = in.level();
  track.bit_rate = fields.within<int64_t>(in.bit_rate(), 0, int64_t{1} << 50, "bit_rate");
  static_cast<void>(
      fields.within<size_t>(in.extradata().size(), 0, kMaxExtradataBytes, "extradata"));
  const ByteView extradata = as_bytes(in.extradata());
  track.extradata.assign(extradata.begin(), extradata.end());
  track.time_base = read_ratio(fields, in.has_time_base(), in.time_base(), "time_base");
  if (track.time_base.numerator == 0) fields.fail("time_base is missing or 0");
  if (in.has_video()) track.video = read(fields, in.video());
  if (in.has_audio()) track.audio = read(fields, in.audio());
  track.language = fields.text(in.language(), kMaxNameBytes, "language");
  return track;
}

template <class List>
std::vector<Track> read_tracks(FieldReader& fields, const List& in) {
  std::vector<Track> tracks;
  if (!fields.admits(in.size(), 256, "tracks")) return tracks;
  for (const proto::Track& each : in) {
    Track track = read(fields, each);
    if (std::ranges::find(tracks, track.id, &Track::id) != tracks.end()) {
      fields.fail(fmt::format("two tracks have the id {}", track.id.value()));
    }
    tracks.push_back(std::move(track));
  }
  return tracks;
}

template <class List>
std::vector<ClassDelivery> read_delivery(FieldReader& fields, const List& in) {
  std::vector<ClassDelivery> delivery;
  if (!fields.admits(in.size(), kFrameClassCount, "classes")) return delivery;
  for (const proto::ClassDelivery& each : in) {
    ClassDelivery read{
        .frame_class = fields.frame_class(each.frame_class()),
        .stream = StreamId(
            static_cast<uint16_t>(fields.within<uint32_t>(each.stream(), 1, 0xfffe, "stream"))),
        .ordered = each.ordered(),
        .lifetime = fields.name(each.lifetime(), "lifetime"),
        .priority = fields.within<uint32_t>(each.priority(), 0, 0xffff, "priority"),
    };
    if (std::ranges::find(delivery, read.frame_class, &ClassDelivery::frame_class) !=
        delivery.end()) {
      fields.fail(fmt::format("class {} is there twice", to_string(read.frame_class)));
    }
    delivery.push_back(std::move(read));
  }
  return delivery;
}

template <class List>
std::vector<std::string> read_features(FieldReader& fields, const List& in) {
  std::vector<std::string> features;
  if (!fields.admits(in.size(), kMaxFeatures, "features")) return features;
  for (const std::string& each : in) features.push_back(fields.name(each, "a feature"));
  return features;
}

Hello read(FieldReader& fields, const proto::Hello& in) {
  return {.version = in.version(),
          .software = fields.text(in.software(), kMaxTextBytes, "software"),
          .features = read_features(fields, in.features()),
          .sent_at = fields.elapsed(in.sent_at(), "sent_at")};
}

Welcome read(FieldReader& fields, const proto::Welcome& in) {
  return {.version = in.version(),
          .software = fields.text(in.software(), kMaxTextBytes, "software"),
          .features = read_features(fields, in.features()),
          .hello_sent_at = fields.elapsed(in.hello_sent_at(), "hello_sent_at"),
          .hello_received_at = fields.elapsed(in.hello_received_at(), "hello_received_at"),
          .sent_at = fields.elapsed(in.sent_at(), "sent_at")};
}

Catalogue read(FieldReader& fields, const proto::Catalogue& in) {
  Catalogue catalogue;
  catalogue.complete = in.complete();
  if (!fields.admits(in.entries_size(), kMaxCatalogueEntries, "entries")) return catalogue;
  for (const proto::CatalogueEntry& each : in.entries()) {
    CatalogueEntry entry;
    entry.name = fields.name(each.name(), "name", kMaxClipNameBytes);
    if (each.has_duration()) entry.duration = fields.elapsed(each.duration(), "duration");
    entry.tracks = read_tracks(fields, each.tracks());
    catalogue.entries.push_back(std::move(entry));
  }
  return catalogue;
}

Play read(FieldReader& fields, const proto::Play& in) {
  return {.clip = fields.text(in.clip(), kMaxClipNameBytes, "clip"),
          .position = fields.media_time(in.position(), "position"),
          .playout_delay = fields.elapsed(in.playout_delay(), "playout_delay"),
          .loop = in.loop()};
}

Playing read(FieldReader& fields, const proto::Playing& in) {
  Playing playing;
  playing.epoch = fields.epoch(in.epoch());
  playing.clip = fields.name(in.clip(), "clip", kMaxClipNameBytes);
  playing.tracks = read_tracks(fields, in.tracks());
  if (playing.tracks.empty()) fields.fail("no tracks");
  playing.position = fields.media_time(in.position(), "position");
  playing.first_dts = fields.media_time(in.first_dts(), "first_dts");
  playing.started_at = fields.elapsed(in.started_at(), "started_at");
  playing.playout_delay = fields.elapsed(in.playout_delay(), "playout_delay");
  if (in.has_duration()) playing.duration = fields.elapsed(in.duration(), "duration");
  playing.policy = fields.text(in.policy(), kMaxNameBytes, "policy");
  playing.delivery = read_delivery(fields, in.delivery());
  playing.next_turn = in.next_turn();
  return playing;
}

SenderReport read(FieldReader& fields, const proto::SenderReport& in) {
  SenderReport report;
  report.epoch = fields.epoch(in.epoch());
  if (!fields.admits(in.fates_size(), kMaxFates, "fates")) return report;
  for (const proto::FrameFate& each : in.fates()) {
    report.fates.push_back({.track = fields.track(each.track()),
                            .number = FrameNumber(each.number()),
                            .frame_class = fields.frame_class(each.frame_class()),
                            .fate = fields.sender_fate(each.fate()),
                            .dts = fields.media_time(each.dts(), "dts")});
  }
  report.sent_at = fields.elapsed(in.sent_at(), "sent_at");
  report.report_sent_at = fields.elapsed(in.report_sent_at(), "report_sent_at");
  report.report_received_at = fields.elapsed(in.report_received_at(), "report_received_at");
  report.delivery = read_delivery(fields, in.delivery());
  return report;
}

ReceiverReport read(FieldReader& fields, const proto::ReceiverReport& in) {
  ReceiverReport report;
  report.epoch = fields.epoch(in.epoch());
  if (!fields.admits(in.classes_size(), kFrameClassCount, "classes")) return report;
  for (const proto::ClassCounts& each : in.classes()) {
    const FrameClass frame_class = fields.frame_class(each.frame_class());
    if (std::ranges::find(report.classes, frame_class, &ClassCounts::frame_class) !=
        report.classes.end()) {
      fields.fail(fmt::format("class {} is there twice", to_string(frame_class)));
    }
    report.classes.push_back({.frame_class = frame_class,
                              .received = each.received(),
                              .late = each.late(),
                              .missing = each.missing(),
                              .undecodable = each.undecodable()});
  }
  report.one_way_delay = fields.signed_time(in.one_way_delay(), "one_way_delay");
  report.one_way_delay_trend = fields.signed_time(in.one_way_delay_trend(), "one_way_delay_trend");
  report.buffer_level = fields.elapsed(in.buffer_level(), "buffer_level");
  report.sent_at = fields.elapsed(in.sent_at(), "sent_at");
  return report;
}

EndOfClip read(FieldReader& fields, const proto::EndOfClip& in) {
  EndOfClip end;
  end.epoch = fields.epoch(in.epoch());
  if (!fields.admits(in.tracks_size(), 256, "tracks")) return end;
  for (const proto::TrackLength& each : in.tracks()) {
    const TrackId track = fields.track(each.track());
    if (std::ranges::find(end.frames, track, [](const auto& of) { return of.first; }) !=
        end.frames.end()) {
      fields.fail(fmt::format("track {} is there twice", track.value()));
    }
    end.frames.emplace_back(track, each.frames());
  }
  return end;
}

Result<ControlMessage> read(FieldReader& fields, const proto::Control& in) {
  switch (in.message_case()) {
    case proto::Control::kHello: return read(fields, in.hello());
    case proto::Control::kWelcome: return read(fields, in.welcome());
    case proto::Control::kCatalogueRequest: return CatalogueRequest{};
    case proto::Control::kCatalogue: return read(fields, in.catalogue());
    case proto::Control::kPlay: return read(fields, in.play());
    case proto::Control::kPlaying: return read(fields, in.playing());
    case proto::Control::kPause: return Pause{};
    case proto::Control::kResume: return Resume{};
    case proto::Control::kPaused:
      return Paused{fields.epoch(in.paused().epoch()), fields.elapsed(in.paused().at(), "at")};
    case proto::Control::kResumed:
      return Resumed{fields.epoch(in.resumed().epoch()), fields.elapsed(in.resumed().at(), "at")};
    case proto::Control::kSeek: return Seek{fields.media_time(in.seek().position(), "position")};
    case proto::Control::kStop: return Stop{};
    case proto::Control::kSetDelivery:
      return SetDelivery{fields.frame_class(in.set_delivery().frame_class()),
                         fields.name(in.set_delivery().lifetime(), "lifetime")};
    case proto::Control::kSenderReport: return read(fields, in.sender_report());
    case proto::Control::kReceiverReport: return read(fields, in.receiver_report());
    case proto::Control::kEndOfClip: return read(fields, in.end_of_clip());
    case proto::Control::kRefused:
      return Refused{fields.error_code(in.refused().code()),
                     fields.text(in.refused().message(), kMaxTextBytes, "message")};
    case proto::Control::kBye:
      return Bye{fields.error_code(in.bye().code()),
                 fields.text(in.bye().reason(), kMaxTextBytes, "reason")};
    case proto::Control::MESSAGE_NOT_SET: break;
  }
  // What was read and is none of the above is kept as unknown, and counts.
  if (in.ByteSizeLong() == 0) {
    return failure(ErrorCode::Malformed, "control message: empty");
  }
  return failure(ErrorCode::Unsupported, "control message: of a kind this version does not know");
}

}  // namespace

std::optional<std::string> fault_of(const std::vector<Track>& tracks) {
  // Read as a peer reads them, so that what is said here and there cannot differ.
  Playing playing;
  playing.tracks = tracks;
  const Bytes message = serialize(playing);
  // The rest of a Playing: a clip's name, and texts and numbers of bounded size.
  constexpr size_t kRest = kMaxClipNameBytes + 4096;
  if (message.size() > kMaxControlBytes - kRest) {
    return fmt::format("its tracks together take {} bytes, more than {}", message.size(),
                       kMaxControlBytes - kRest);
  }
  proto::Control control;
  if (!control.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return "its tracks are not protobuf";
  }
  for (const proto::Track& each : control.playing().tracks()) {
    FieldReader fields;
    const Track track = read(fields, each);
    if (!fields.fault().empty()) {
      return fmt::format("track {} ({}): {}", track.id.value(), track.codec, fields.fault());
    }
  }
  FieldReader fields;
  if (read_tracks(fields, control.playing().tracks()).empty()) fields.fail("no tracks");
  if (fields.fault().empty()) return std::nullopt;
  return fields.fault();
}

Result<ControlMessage> parse_control(ByteView message) {
  if (message.size() > kMaxControlBytes) {
    return failure(ErrorCode::Malformed, fmt::format("control message: {} bytes, more than {}",
                                                     message.size(), kMaxControlBytes));
  }
  proto::Control control;
  if (!control.ParseFromArray(message.data(), static_cast<int>(message.size()))) {
    return failure(ErrorCode::Malformed, "control message: not protobuf");
  }
  FieldReader fields;
  ASSIGN_OR_RETURN(ControlMessage parsed, read(fields, control));
  if (!fields.fault().empty()) {
    return failure(ErrorCode::Malformed,
                   fmt::format("control message {}: {}", name_of(parsed), fields.fault()));
  }
  return parsed;
}

}  // namespace mayfly::wire
