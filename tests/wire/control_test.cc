#include "wire/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/hex.h"
#include "tests/wire/documented_bytes.h"

namespace mayfly::wire {
namespace {

using ::testing::HasSubstr;

Track video_track() {
  Track track;
  track.id = TrackId(0);
  track.codec = "h264";
  track.video.width = 1280;
  track.video.height = 720;
  return track;
}

Playing playing() {
  Playing message;
  message.epoch = Epoch(1);
  message.clip = "clip.mp4";
  message.tracks = {video_track()};
  message.policy = "prioritised";
  message.delivery = {{FrameClass::I, StreamId(1), false, "forever", 1}};
  return message;
}

struct Example {
  const char* hex;
  ControlMessage message;
};

// docs/WIRE_FORMAT.md, "Examples of control messages".
std::vector<Example> documented_examples() {
  return {
      {kHelloHex, Hello{1, "mayfly 0.1.0", {"seek"}, 8ms}},
      {kPlayHex, Play{"clip", MediaTime(1500ms), 1s, false}},
      {kPauseHex, Pause{}},
      {kSeekHex, Seek{MediaTime(23s + 40ms)}},
      {kSetDeliveryHex, SetDelivery{FrameClass::B, "60ms"}},
      {kPausedHex, Paused{Epoch(2), 4000s}},
      {kByeHex, Bye{ErrorCode::Closed, "server stopping"}},
  };
}

TEST(ControlTest, TheDocumentedExamplesHaveTheDocumentedBytes) {
  for (const auto& [hex, message] : documented_examples()) {
    EXPECT_EQ(to_hex(serialize(message)), to_hex(from_hex(hex))) << name_of(message);
    const auto parsed = parse_control(from_hex(hex));
    ASSERT_TRUE(parsed) << name_of(message) << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, message);
  }
}

TEST(ControlTest, EveryKindHasItsOwnName) {
  std::set<std::string> names;
  names.insert(name_of(Hello{}));
  names.insert(name_of(EndOfClip{}));
  names.insert(name_of(Bye{}));

  EXPECT_EQ(names, (std::set<std::string>{"Bye", "EndOfClip", "Hello"}));
}

TEST(ControlTest, UnknownFieldsAreSkipped) {
  // Seek with a field 15 it does not have.
  const auto parsed = parse_control(from_hex("5a 07 0880c0fc15 7a00"));
  // The same inside the outer message.
  const auto outer = parse_control(from_hex("3a 00 ba3e 02 cafe"));

  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, ControlMessage(Seek{MediaTime(23s + 40ms)}));
  ASSERT_TRUE(outer);
  EXPECT_EQ(*outer, ControlMessage(Pause{}));
}

TEST(ControlTest, AMessageOfAnUnknownKindIsToldFromAMalformedOne) {
  const auto unknown = parse_control(from_hex("ba3e 02 cafe"));
  const auto empty = parse_control({});
  const auto garbage = parse_control(as_bytes("GET / HTTP/1.1\r\n"));

  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::Unsupported);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::Malformed);
  ASSERT_FALSE(garbage);
  EXPECT_EQ(garbage.error().code, ErrorCode::Malformed);
}

TEST(ControlTest, AMessageLargerThanTheLimitIsNotEvenRead) {
  const Bytes huge(kMaxControlBytes + 1);

  const auto parsed = parse_control(huge);

  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("more than 1048576"));
}

// Serializing keeps what is wrong with these, so they can be made from values.
struct OutOfRange {
  ControlMessage message;
  const char* complaint;
};

template <class Change>
ControlMessage playing_with(Change change) {
  Playing message = playing();
  change(message);
  return message;
}

template <class Change>
ControlMessage track_with(Change change) {
  return playing_with([&](Playing& message) { change(message.tracks[0]); });
}

std::vector<OutOfRange> out_of_range() {
  const std::string long_name(kMaxClipNameBytes + 1, 'x');
  const ClassDelivery b{FrameClass::B, StreamId(3), false, "100ms", 3};
  return {
      {playing_with([](Playing& p) { p.tracks.clear(); }), "no tracks"},
      {playing_with([](Playing& p) { p.tracks.push_back(p.tracks[0]); }), "two tracks"},
      {playing_with([](Playing& p) { p.clip.clear(); }), "clip"},
      {playing_with([](Playing& p) { p.delivery.push_back(p.delivery[0]); }), "class i"},
      {playing_with([](Playing& p) { p.delivery[0].stream = StreamId(0); }), "stream"},
      {playing_with([](Playing& p) { p.delivery[0].lifetime = ""; }), "lifetime"},
      {playing_with([](Playing& p) { p.delivery[0].priority = 0x10000; }), "priority"},
      {track_with([](Track& t) { t.codec = ""; }), "codec"},
      {track_with([](Track& t) { t.bit_rate = -1; }), "bit_rate"},
      {track_with([](Track& t) {
         t.time_base = {0, 1};
       }),
       "time_base"},
      {track_with([](Track& t) { t.extradata.resize(kMaxExtradataBytes + 1); }), "extradata"},
      {track_with([](Track& t) { t.video.width = 0x10000; }), "width"},
      {track_with([](Track& t) { t.video.height = -1; }), "height"},
      {track_with([](Track& t) { t.video.pixel_format = -2; }), "pixel_format"},
      {track_with([](Track& t) { t.video.frame_delay = 256; }), "frame_delay"},
      {track_with([](Track& t) { t.audio.sample_rate = -1; }), "sample_rate"},
      {track_with([](Track& t) { t.audio.channels = 1025; }), "channels"},
      {Play{long_name, {}, 0s, false}, "clip"},
      {Catalogue{{{"", std::nullopt, {}}}, true}, "name"},
      {Catalogue{{{long_name, std::nullopt, {}}}, true}, "name"},
      {Catalogue{std::vector<CatalogueEntry>(kMaxCatalogueEntries + 1), true}, "entries"},
      {Hello{1, "", std::vector<std::string>(kMaxFeatures + 1, "f"), 0s}, "features"},
      {Hello{1, "", {""}, 0s}, "feature"},
      {SetDelivery{FrameClass::B, ""}, "lifetime"},
      {SenderReport{Epoch(1), std::vector<FrameFate>(kMaxFates + 1), 0s, 0s, 0s, {}}, "fates"},
      {SenderReport{Epoch(1), {}, 0s, 0s, 0s, {b, b}}, "class b"},
      {ReceiverReport{Epoch(1), {ClassCounts{}, ClassCounts{}}, 0s, 0s, 0s, 0s}, "class i"},
      {EndOfClip{Epoch(1), {{TrackId(1), 2}, {TrackId(1), 2}}}, "track 1"},
  };
}

TEST(ControlTest, RefusesWhatIsOutOfItsRangeAndNamesTheField) {
  for (const auto& [message, complaint] : out_of_range()) {
    const auto parsed = parse_control(serialize(message));

    ASSERT_FALSE(parsed) << name_of(message) << " " << complaint;
    EXPECT_EQ(parsed.error().code, ErrorCode::Malformed);
    EXPECT_THAT(parsed.error().message, HasSubstr(name_of(message)));
    EXPECT_THAT(parsed.error().message, HasSubstr(complaint));
  }
}

TEST(ControlTest, TellsBeforehandOfTracksThatAPeerWouldRefuse) {
  EXPECT_EQ(fault_of({video_track()}), std::nullopt);
  for (const auto& [message, complaint] : out_of_range()) {
    const auto* playing = std::get_if<Playing>(&message);
    if (playing == nullptr) continue;
    const auto told = fault_of(playing->tracks);
    if (playing->tracks == std::vector<Track>{video_track()}) {
      EXPECT_EQ(told, std::nullopt) << complaint;
      continue;
    }
    ASSERT_TRUE(told) << complaint;
    EXPECT_THAT(*told, HasSubstr(complaint));
  }
}

TEST(ControlTest, TellsOfTracksThatTogetherFitNoMessage) {
  std::vector<Track> tracks(4, video_track());
  for (size_t index = 0; index < tracks.size(); ++index) {
    tracks[index].id = TrackId(static_cast<uint8_t>(index));
    tracks[index].extradata.resize(kMaxExtradataBytes - 3000);
  }
  EXPECT_EQ(fault_of(tracks), std::nullopt);
  Playing message = playing();
  message.clip = std::string(kMaxClipNameBytes, 'x');
  message.tracks = tracks;
  EXPECT_TRUE(parse_control(serialize(message)));

  for (Track& each : tracks) each.extradata.resize(kMaxExtradataBytes);

  EXPECT_THAT(fault_of(tracks).value_or(""), HasSubstr("together"));
}

TEST(ControlTest, RefusesEnumeratorsAndNumbersThatNoValueHas) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"6a 06 1204 36306d73", "frame_class is 0"},       // SetDelivery without a class
      {"6a 08 0805 1204 36306d73", "frame_class is 5"},  // and with one that is not there
      {"9201 00", "code is 0"},                          // Bye
      {"9201 02 0809", "code is 9"},                     //
      {"4a 03 088002", "epoch is 256"},                  // Paused
      {"4a 09 10ffffffffffffff7f", "at is"},             //
      {"5a 0a 08ffffffffffffffff7f", "position is"},     // Seek
      {"7206 1204 1801 2004", "fate is 4"},              // SenderReport
      {"7207 1205 08ff03 1801", "track is 511"},         //
      {"8201 05 1203 088002", "track is 256"},           // EndOfClip
  };

  for (const auto& [hex, complaint] : cases) {
    const auto parsed = parse_control(from_hex(hex));
    ASSERT_FALSE(parsed) << hex;
    EXPECT_THAT(parsed.error().message, HasSubstr(complaint));
  }
}

TEST(ControlTest, TextsForPeopleTravelWhateverTheyHold) {
  const std::string latin1 = "no clip \"caf\xe9\"";

  const auto parsed = parse_control(serialize(Refused{ErrorCode::NotFound, latin1}));
  const auto endless =
      parse_control(serialize(Bye{ErrorCode::Io, std::string(5000, 'x') + "\xc3\xa9"}));

  EXPECT_EQ(std::get<Refused>(parsed.value()).message, "no clip \"caf?\"");
  EXPECT_EQ(std::get<Bye>(endless.value()).reason, std::string(kMaxTextBytes, 'x'));
}

TEST(ControlTest, ClipNamesTravelByteForByte) {
  const Play play{"caf\xe9\xff.mp4", {}, 0s, true};

  EXPECT_EQ(parse_control(serialize(play)).value(), ControlMessage(play));
}

TEST(ControlTest, ARatioThatIsNotToldArrivesAsZero) {
  const auto message = track_with([](Track& t) { t.video.frame_rate = {0, 0}; });

  const auto parsed = parse_control(serialize(message));

  EXPECT_EQ(std::get<Playing>(parsed.value()).tracks[0].video.frame_rate, (Ratio{0, 1}));
}

TEST(CatalogueMessagesTest, ALongCatalogueComesInSeveralMessagesThatAreAllAccepted) {
  std::vector<CatalogueEntry> entries;
  for (int i = 0; i < 3000; ++i) {
    entries.push_back({"clip" + std::to_string(i), 10s, {video_track()}});
  }

  const auto messages = in_messages(entries);

  std::vector<CatalogueEntry> received;
  for (const Catalogue& each : messages) {
    const Bytes bytes = serialize(each);
    EXPECT_LE(bytes.size(), 64U << 10);
    const auto parsed = std::get<Catalogue>(parse_control(bytes).value());
    EXPECT_EQ(parsed.complete, &each == &messages.back());
    received.insert(received.end(), parsed.entries.begin(), parsed.entries.end());
  }
  EXPECT_GT(messages.size(), 10U);
  EXPECT_EQ(received, entries);
}

TEST(CatalogueMessagesTest, AnEmptyCatalogueIsOneCompleteMessage) {
  EXPECT_EQ(in_messages({}), std::vector<Catalogue>{(Catalogue{{}, true})});
}

}  // namespace
}  // namespace mayfly::wire
