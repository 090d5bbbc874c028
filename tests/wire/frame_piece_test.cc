#include "wire/frame_piece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "tests/support/hex.h"
#include "tests/wire/documented_bytes.h"

namespace mayfly::wire {
namespace {

using ::testing::HasSubstr;

Payload payload_of(size_t bytes) {
  auto payload = std::make_shared<Bytes>(bytes);
  for (size_t i = 0; i < bytes; ++i) (*payload)[i] = static_cast<std::byte>(i * 31 + i / 256);
  return payload;
}

Frame b_frame(size_t bytes) {
  return {.track = TrackId(1),
          .number = FrameNumber(300),
          .frame_class = FrameClass::B,
          .picture_type = PictureType::B,
          .keyframe = false,
          .gop = 2,
          .pts = MediaTime(12s),
          .dts = MediaTime(12s - 40ms),
          .duration = 40ms,
          .references = {FrameNumber(298), FrameNumber(299), FrameNumber(1)},
          .payload = payload_of(bytes)};
}

FramePiece first_piece(ByteView body) {
  return {.epoch = Epoch(3),
          .track = TrackId(1),
          .number = FrameNumber(300),
          .frame_bytes = 1000,
          .offset = 0,
          .description = FrameDescription{.frame_class = FrameClass::B,
                                          .picture_type = PictureType::B,
                                          .keyframe = false,
                                          .gop = 2,
                                          .pts = MediaTime(12s),
                                          .dts = MediaTime(-40ms),
                                          .duration = 40ms,
                                          .sent_at = 7s,
                                          .references = {FrameNumber(298), FrameNumber(1)}},
          .body = body};
}

TEST(FramePieceTest, TheFirstPieceHasTheDocumentedBytes) {
  const Bytes body = from_hex("cafe");

  EXPECT_EQ(to_hex(serialize(first_piece(body))), to_hex(from_hex(kFirstPieceHex)));
  EXPECT_EQ(parse_frame_piece(from_hex(kFirstPieceHex)).value(), first_piece(body));
}

TEST(FramePieceTest, AnyOtherPieceHasTheDocumentedBytes) {
  const Bytes body = from_hex("cafe");
  FramePiece piece = first_piece(body);
  piece.description.reset();
  piece.offset = 998;

  EXPECT_EQ(to_hex(serialize(piece)), to_hex(from_hex(kOtherPieceHex)));
  EXPECT_EQ(parse_frame_piece(from_hex(kOtherPieceHex)).value(), piece);
}

// The first piece above, with some bytes overwritten.
Bytes first_piece_with(size_t at, std::string_view hex) {
  Bytes message = from_hex(kFirstPieceHex);
  const Bytes patch = from_hex(hex);
  std::ranges::copy(patch, message.begin() + static_cast<std::ptrdiff_t>(at));
  return message;
}

struct MalformedPiece {
  Bytes message;
  const char* complaint;
};

TEST(FramePieceTest, RefusesWhatContradictsItselfAndSaysWhy) {
  const std::vector<MalformedPiece> cases = {
      {{}, "empty"},
      {from_hex("11"), "ends in its header"},
      {first_piece_with(0, "21"), "version 2"},
      {first_piece_with(0, "13"), "reserved"},
      {first_piece_with(7, "04000001"), "more than 67108864"},
      {first_piece_with(7, "00000001"), "reach beyond"},
      {first_piece_with(11, "b1"), "reserved"},
      {first_piece_with(11, "f0"), "audio frame with a picture type"},
      {first_piece_with(16, "7fffffffffffffff"), "pts or dts"},
      {first_piece_with(24, "8000000000000000"), "pts or dts"},
      {first_piece_with(36, "ffffffffffffffff"), "sent_at"},
      {first_piece_with(44, "11"), "17 references"},
      {first_piece_with(45, "00000000ff"), "more bytes than it needs"},
      {first_piece_with(47, "0000012d"), "before the first frame"},
      {first_piece_with(47, "00000100"), ""},
      {from_hex("10 03 01 0000012c 000003e8 00000000 cafe"), "offset 0"},
      {from_hex("10 03 01 0000012c 000003e8 000003e6"), "empty piece"},
      {from_hex("10 03 01 0000012c 000003e8 000003e7 cafe"), "reach beyond"},
      {from_hex("10 03 01 0000012c 000003e8 ffffffff cafe"), "reach beyond"},
  };

  for (const auto& [message, complaint] : cases) {
    const auto piece = parse_frame_piece(message);
    if (*complaint == '\0') {
      EXPECT_TRUE(piece) << to_hex(message);
      continue;
    }
    ASSERT_FALSE(piece) << to_hex(message);
    EXPECT_EQ(piece.error().code, ErrorCode::Malformed);
    EXPECT_THAT(piece.error().message, HasSubstr(complaint));
  }
}

TEST(FramePieceTest, RefusesTheSameReferenceTwice) {
  const auto piece = parse_frame_piece(
      from_hex("11 00 00 00000009 00000000"
               "70 00000000 0000000000000000 0000000000000000 00000000 0000000000000000 02 01 01"));

  ASSERT_FALSE(piece);
  EXPECT_THAT(piece.error().message, HasSubstr("twice"));
}

TEST(FramePieceTest, RefusesEveryHeaderCutShort) {
  const Bytes whole = from_hex(kFirstPieceHex);

  for (size_t length = 0; length < whole.size() - 2; ++length) {
    EXPECT_FALSE(parse_frame_piece(ByteView(whole).first(length))) << length;
  }
}

Bytes reassemble(const std::vector<Bytes>& messages, size_t frame_bytes) {
  Bytes whole(frame_bytes);
  size_t covered = 0;
  for (const Bytes& message : messages) {
    const FramePiece piece = parse_frame_piece(message).value();
    EXPECT_EQ(piece.frame_bytes, frame_bytes);
    std::ranges::copy(piece.body, whole.begin() + piece.offset);
    covered += piece.body.size();
  }
  EXPECT_EQ(covered, frame_bytes);
  return whole;
}

TEST(CutIntoPiecesTest, GivesBackFramesOfEverySizeByteForByte) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{1151}, size_t{1152}, size_t{1153},
                             size_t{1199}, size_t{1200}, size_t{1201}, size_t{8} << 20}) {
    const Frame frame = b_frame(bytes);

    const auto messages = cut_into_pieces(frame, Epoch(7), 5s, 1200);

    EXPECT_EQ(reassemble(messages, bytes), *frame.payload) << bytes;
    for (const Bytes& message : messages) EXPECT_LE(message.size(), 1200U);
  }
}

TEST(CutIntoPiecesTest, FillsEveryMessageButTheLast) {
  // 45 bytes of header and 2 + 5 of references, then 15 of header each: docs/WIRE_FORMAT.md.
  EXPECT_EQ(cut_into_pieces(b_frame(1200 - 52), Epoch(0), 0s, 1200).size(), 1U);
  EXPECT_EQ(cut_into_pieces(b_frame(1200 - 52 + 1), Epoch(0), 0s, 1200).size(), 2U);
  EXPECT_EQ(cut_into_pieces(b_frame(1200 - 52 + 1185), Epoch(0), 0s, 1200).size(), 2U);
  EXPECT_EQ(cut_into_pieces(b_frame(1200 - 52 + 1186), Epoch(0), 0s, 1200).size(), 3U);
}

TEST(CutIntoPiecesTest, SendsAWholeFrameAsOneMessageWhenThatIsAllowed) {
  const Frame frame = b_frame(100'000);

  const auto messages = cut_into_pieces(frame, Epoch(7), 5s, 1 << 20);

  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(reassemble(messages, 100'000), *frame.payload);
}

TEST(CutIntoPiecesTest, DescribesTheFrameInTheFirstPieceOnly) {
  const Frame frame = b_frame(5000);

  const auto messages = cut_into_pieces(frame, Epoch(7), 5s, 1200);

  const FrameDescription description = parse_frame_piece(messages[0]).value().description.value();
  EXPECT_EQ(description.frame_class, FrameClass::B);
  EXPECT_EQ(description.picture_type, PictureType::B);
  EXPECT_EQ(description.gop, 2U);
  EXPECT_EQ(description.pts, frame.pts);
  EXPECT_EQ(description.dts, frame.dts);
  EXPECT_EQ(description.duration, frame.duration);
  EXPECT_EQ(description.sent_at, 5s);
  EXPECT_EQ(description.references, frame.references);
  for (size_t i = 1; i < messages.size(); ++i) {
    EXPECT_FALSE(parse_frame_piece(messages[i]).value().description) << i;
  }
}

TEST(CutIntoPiecesTest, BringsTimesBeyondTheWireToTheNearestItCarries) {
  Frame frame = b_frame(10);
  frame.pts = MediaTime(Duration::max());
  frame.dts = MediaTime(Duration::min());
  frame.duration = -1us;

  const auto messages = cut_into_pieces(frame, Epoch(0), -1s, 1200);

  const FrameDescription description = parse_frame_piece(messages[0]).value().description.value();
  EXPECT_EQ(description.pts, MediaTime(kMaxWireTime));
  EXPECT_EQ(description.dts, MediaTime(-kMaxWireTime));
  EXPECT_EQ(description.duration, 0s);
  EXPECT_EQ(description.sent_at, 0s);
}

TEST(CutIntoPiecesTest, GivesNothingForAFrameTooLargeToTravel) {
  EXPECT_TRUE(cut_into_pieces(b_frame(kMaxFrameBytes + 1), Epoch(0), 0s, 1 << 20).empty());
}

RC_GTEST_PROP(FramePieceProperty, CutFramesComeBackWhateverTheirNumbers, ()) {
  Frame frame = b_frame(*rc::gen::inRange<size_t>(0, 6000));
  frame.track = TrackId(*rc::gen::arbitrary<uint8_t>());
  frame.number = FrameNumber(*rc::gen::arbitrary<uint32_t>());
  frame.frame_class = *rc::gen::elementOf(kFrameClasses);
  if (frame.frame_class == FrameClass::Audio) frame.picture_type.reset();
  frame.keyframe = *rc::gen::arbitrary<bool>();
  frame.gop = *rc::gen::arbitrary<uint32_t>();
  const auto count = std::min<uint32_t>(frame.number.value(), kMaxReferences);
  frame.references.clear();
  for (const uint32_t distance : *rc::gen::unique<std::vector<uint32_t>>(
           *rc::gen::inRange(0U, count + 1), rc::gen::inRange(1U, frame.number.value() + 1))) {
    frame.references.emplace_back(frame.number.value() - distance);
  }
  const size_t most = *rc::gen::inRange<size_t>(kMinMessageBytes, 3000);

  const auto messages = cut_into_pieces(frame, Epoch(9), 3s, most);

  RC_ASSERT(reassemble(messages, frame.bytes()) == *frame.payload);
  for (const Bytes& message : messages) {
    RC_ASSERT(message.size() <= most);
    const FramePiece piece = parse_frame_piece(message).value();
    RC_ASSERT(piece.number == frame.number && piece.track == frame.track);
    RC_ASSERT(serialize(piece) == message);
  }
  RC_ASSERT(parse_frame_piece(messages[0]).value().description->references == frame.references);
}

RC_GTEST_PROP(FramePieceProperty, DamagedPiecesAreRefusedOrComeBackTheSame, ()) {
  Bytes message = from_hex(kFirstPieceHex);
  for (const auto& [at, value] :
       *rc::gen::container<std::vector<std::pair<size_t, uint8_t>>>(rc::gen::pair(
           rc::gen::inRange<size_t>(0, message.size()), rc::gen::arbitrary<uint8_t>()))) {
    message[at] = static_cast<std::byte>(value);
  }
  message.resize(*rc::gen::inRange<size_t>(0, message.size() + 1));

  const auto piece = parse_frame_piece(message);

  if (piece) RC_ASSERT(serialize(*piece) == message);
}

}  // namespace
}  // namespace mayfly::wire
