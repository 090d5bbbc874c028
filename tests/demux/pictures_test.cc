// Headers made by hand, bit by bit, for what no encoder at hand writes.
#include <gmock/gmock.h>

#include <bit>
#include <string>

#include "demux/bit_reader.h"
#include "demux/generic_pictures.h"
#include "demux/h264_pictures.h"
#include "demux/hevc_pictures.h"
#include "demux/nal_units.h"
#include "demux/vp8_pictures.h"
#include "demux/vp9_pictures.h"

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Part = CodedPicture::Part;

// Collects bits as text, most significant first.
class Bits {
 public:
  Bits& bits(uint32_t value, unsigned count) {
    for (unsigned bit = count; bit-- > 0;) text_ += (value >> bit & 1U) != 0 ? '1' : '0';
    return *this;
  }
  Bits& ue(uint32_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value + 1));
    return bits(0, width - 1).bits(value + 1, width);
  }
  Bits& align() {
    text_.append((8 - text_.size() % 8) % 8, '0');
    return *this;
  }
  [[nodiscard]] Bytes bytes() {
    align();
    Bytes bytes;
    for (size_t at = 0; at < text_.size(); at += 8) {
      bytes.push_back(static_cast<std::byte>(std::stoi(text_.substr(at, 8), nullptr, 2)));
    }
    return bytes;
  }
  // With the stop bit, the header byte and a start code before it.
  [[nodiscard]] Bytes nal(uint8_t header) {
    bits(1, 1);
    Bytes unit = {std::byte{0}, std::byte{0}, std::byte{1}, std::byte{header}};
    const Bytes body = bytes();
    unit.insert(unit.end(), body.begin(), body.end());
    return unit;
  }

 private:
  std::string text_;
};

Bytes operator+(Bytes one, const Bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

// H.264, main profile, fields allowed, four bits of frame_num, order by decoding (type 2).
Bytes h264_sets() {
  Bits sequence;
  sequence.bits(77, 8).bits(0, 8).bits(30, 8).ue(0).ue(0).ue(2).ue(2).bits(0, 1);
  sequence.ue(0).ue(0).bits(0, 1).bits(0, 1).bits(1, 1).bits(0, 1).bits(0, 1);
  Bits picture;
  picture.ue(0).ue(0).bits(0, 2).ue(0).ue(0).ue(0).bits(0, 1).bits(0, 2).ue(0).ue(0).ue(0);
  return sequence.nal(0x67) + picture.bits(0, 3).nal(0x68);
}

Bytes h264_idr_field() {
  return Bits().ue(0).ue(7).ue(0).bits(0, 4).bits(1, 1).bits(0, 1).ue(0).bits(0, 2).ue(0).nal(0x65);
}

Bytes h264_p_field(uint32_t frame_num, bool bottom, bool reference = true) {
  Bits bits;
  bits.ue(0).ue(5).ue(0).bits(frame_num, 4).bits(1, 1).bits(bottom ? 1 : 0, 1);
  bits.bits(0, 1).bits(0, 1);
  if (reference) bits.bits(0, 1);
  return bits.ue(0).ue(1).nal(reference ? 0x41 : 0x01);
}

Bytes h264_frame(bool idr, uint32_t slice_type, uint32_t frame_num) {
  Bits bits;
  bits.ue(0).ue(slice_type).ue(0).bits(frame_num, 4).bits(0, 1);
  if (idr) bits.ue(0);
  if (slice_type == 5) bits.bits(0, 2);
  return bits.bits(0, idr ? 2 : 1).ue(0).nal(idr ? 0x65 : 0x41);
}

Bytes h264_recovery_point(uint32_t frames) {
  const Bytes body = Bits().ue(frames).bits(0, 4).bits(1, 1).bytes();
  Bits bits;
  bits.bits(6, 8).bits(static_cast<uint32_t>(body.size()), 8);
  for (const std::byte each : body) bits.bits(std::to_integer<uint32_t>(each), 8);
  return bits.nal(0x06);
}

TEST(H264PicturesTest, JoinsFieldsOfAFrameWhetherInOnePacketOrInTwo) {
  H264Pictures parser({});

  const auto first = parser.read(h264_sets() + h264_idr_field(), false);
  const auto second = parser.read(h264_p_field(0, true), false);
  const auto pair = parser.read(h264_p_field(1, false) + h264_p_field(1, true), false);
  const auto unused = parser.read(h264_p_field(2, false, false), false);

  EXPECT_EQ(first[0].type, PictureType::I);
  EXPECT_TRUE(first[0].keyframe);
  EXPECT_TRUE(first[0].may_continue);
  EXPECT_EQ(second[0].part, Part::Continuation);
  EXPECT_EQ(pair[0].part, Part::Picture);
  EXPECT_EQ(pair[0].type, PictureType::P);
  EXPECT_FALSE(pair[0].may_continue);
  EXPECT_THAT(pair[0].references, ElementsAre(FrameNumber(0)));
  EXPECT_FALSE(unused[0].reference);
  EXPECT_THAT(unused[0].references, ElementsAre(FrameNumber(1)));
}

TEST(H264PicturesTest, TakesTheTypeOfAPairFromItsFirstField) {
  H264Pictures parser({});

  const auto pair = parser.read(h264_sets() + h264_idr_field() + h264_p_field(0, true), false);

  EXPECT_EQ(pair[0].type, PictureType::I);
  EXPECT_TRUE(pair[0].intra);
}

TEST(H264PicturesTest, StartsAtRecoveryPointsAlsoWherePicturesArePredicted) {
  H264Pictures parser({});
  static_cast<void>(parser.read(h264_sets() + h264_frame(true, 7, 0), false));

  const auto plain = parser.read(h264_frame(false, 5, 1), false);
  const auto recovering = parser.read(h264_recovery_point(4) + h264_frame(false, 5, 2), false);
  const auto after = parser.read(h264_frame(false, 5, 3), false);

  EXPECT_FALSE(plain[0].keyframe);
  EXPECT_THAT(plain[0].references, ElementsAre(FrameNumber(0)));
  EXPECT_TRUE(recovering[0].keyframe);
  EXPECT_EQ(recovering[0].type, PictureType::P);
  EXPECT_FALSE(recovering[0].intra);
  EXPECT_THAT(recovering[0].references, IsEmpty());
  EXPECT_THAT(after[0].references, ElementsAre(FrameNumber(2)));
}

TEST(H264PicturesTest, StartsAtIntraPicturesWhereNothingElseMarksAStart) {
  H264Pictures with_idr({});
  static_cast<void>(with_idr.read(h264_sets() + h264_frame(true, 7, 0), false));
  EXPECT_FALSE(with_idr.read(h264_frame(false, 7, 1), false)[0].keyframe);

  H264Pictures without({});
  EXPECT_TRUE(without.read(h264_sets() + h264_frame(false, 7, 0), false)[0].keyframe);
  EXPECT_TRUE(without.read(h264_frame(false, 7, 1), false)[0].keyframe);
}

TEST(H264PicturesTest, KeepsParameterSetsInAPacketOfTheirOwnForTheNextPicture) {
  H264Pictures parser({});

  EXPECT_EQ(parser.read(h264_sets(), false)[0].part, Part::Preamble);
  EXPECT_EQ(parser.read(h264_frame(true, 7, 0), false)[0].part, Part::Picture);
}

TEST(H264PicturesTest, APictureThatCannotBeReadIsOneAlsoBehindADelimiter) {
  H264Pictures parser({});
  const Bytes delimiter = Bits().bits(0, 3).nal(0x09);
  const Bytes by_unknown_set = Bits().ue(0).ue(5).ue(9).bits(0, 16).nal(0x41);
  static_cast<void>(parser.read(h264_sets() + h264_frame(true, 7, 0), false));

  const auto damaged = parser.read(delimiter + by_unknown_set, false);

  EXPECT_EQ(damaged[0].part, Part::Picture);
  EXPECT_EQ(damaged[0].type, PictureType::P);
  EXPECT_THAT(damaged[0].references, ElementsAre(FrameNumber(0)));
}

TEST(HevcPicturesTest, APictureThatCannotBeReadIsOneAlsoBehindADelimiter) {
  HevcPictures parser({});
  const Bytes delimiter = Bits().bits(1, 8).bits(2, 3).nal(0x46);
  const Bytes without_sets = Bits().bits(1, 8).bits(1, 1).ue(0).bits(0, 16).nal(0x02);

  EXPECT_EQ(parser.read(delimiter, false)[0].part, Part::Preamble);
  EXPECT_EQ(parser.read(delimiter + without_sets, false)[0].part, Part::Picture);
}

// Message by message, a look for the end behind a long padding would take hours.
TEST(RecoveryPointTest, IsFoundBehindAnyNumberOfMessagesAndBeforeAnyPadding) {
  constexpr size_t kMany = size_t{1} << 20;
  Bytes messages;
  for (size_t message = 0; message < kMany / 2; ++message) {
    messages.insert(messages.end(), {std::byte{1}, std::byte{0}});
  }
  const Bytes recovery_point = {std::byte{6}, std::byte{1}, std::byte{0xC4}, std::byte{0x80}};
  const Bytes padding(kMany, std::byte{0});

  EXPECT_FALSE(has_recovery_point(messages + padding));
  EXPECT_TRUE(has_recovery_point(messages + recovery_point + padding));
}

// What of a VP9 frame goes on beside its slots.
struct Vp9State {
  bool resilient = true;
  bool saves = false;
  uint32_t context = 0;
};

Bytes vp9_key() {
  Bits bits;
  bits.bits(2, 2).bits(0, 2).bits(0, 1).bits(0, 1).bits(1, 1).bits(0, 1).bits(0x498342, 24);
  return bits.bits(0, 4).bits(0, 32).bits(0, 1).bits(0, 2).bits(0, 2).bytes();
}
Bytes vp9_inter(bool shown, uint32_t refreshed, uint32_t slot, const Vp9State& state = {}) {
  Bits bits;
  bits.bits(2, 2).bits(0, 2).bits(0, 1).bits(1, 1).bits(shown ? 1 : 0, 1);
  bits.bits(state.resilient ? 1 : 0, 1);
  if (!shown) bits.bits(0, 1);  // not intra-only
  if (!state.resilient) bits.bits(0, 2);
  bits.bits(refreshed, 8);
  for (int reference = 0; reference < 3; ++reference) bits.bits(slot, 3).bits(0, 1);
  bits.bits(1, 1).bits(0, 1).bits(0, 1).bits(1, 1);  // the size of a reference
  if (!state.resilient) bits.bits(state.saves ? 1 : 0, 1).bits(0, 1);
  return bits.bits(state.context, 2).bytes();
}
Bytes vp9_show(uint32_t slot) {
  return Bits().bits(2, 2).bits(0, 2).bits(1, 1).bits(slot, 3).bytes();
}
Bytes vp9_superframe(const Bytes& one, const Bytes& other) {
  const auto marker = std::byte{0xC1};
  return one + other +
         Bytes{marker, static_cast<std::byte>(one.size()), static_cast<std::byte>(other.size()),
               marker};
}

TEST(Vp9PicturesTest, FollowsTheSlotsThroughHiddenFramesAndRepeats) {
  Vp9Pictures parser;

  const auto key = parser.read(vp9_key(), false);
  // A hidden frame goes to slot 3; the shown one after it changes no slot.
  const auto both =
      parser.read(vp9_superframe(vp9_inter(false, 1U << 3U, 0), vp9_inter(true, 0, 3)), false);
  const auto needs_hidden = parser.read(vp9_inter(true, 0, 3), false);
  const auto repeat = parser.read(vp9_show(0), false);

  EXPECT_TRUE(key[0].keyframe);
  EXPECT_EQ(both[0].type, PictureType::P);
  EXPECT_TRUE(both[0].reference);
  EXPECT_THAT(both[0].references, ElementsAre(FrameNumber(0)));
  EXPECT_FALSE(needs_hidden[0].reference);
  EXPECT_THAT(needs_hidden[0].references, ElementsAre(FrameNumber(1)));
  EXPECT_EQ(repeat[0].type, PictureType::I);
  EXPECT_FALSE(repeat[0].intra);
  EXPECT_FALSE(repeat[0].reference);
  EXPECT_THAT(repeat[0].references, ElementsAre(FrameNumber(0)));
}

TEST(Vp9PicturesTest, AFrameInNoSlotIsNeededWhereTheNextGoesOnFromIt) {
  Vp9Pictures parser;
  static_cast<void>(parser.read(vp9_key(), false));

  const auto in_no_slot = parser.read(vp9_inter(true, 0, 0, {.resilient = false}), false);
  const auto next = parser.read(vp9_inter(true, 0, 0, {.resilient = false}), false);
  const auto resilient = parser.read(vp9_inter(true, 0, 0), false);

  EXPECT_TRUE(in_no_slot[0].reference);
  EXPECT_THAT(next[0].references, ElementsAre(FrameNumber(0), FrameNumber(1)));
  EXPECT_THAT(resilient[0].references, ElementsAre(FrameNumber(0)));
  EXPECT_TRUE(resilient[0].reference);  // one that is not may follow again
}

TEST(Vp9PicturesTest, AFrameNeedsWhoeverSavedTheProbabilitiesItTakes) {
  Vp9Pictures parser;
  static_cast<void>(parser.read(vp9_key(), false));
  for (const uint32_t context : {1U, 0U, 0U}) {
    const Vp9State saves{.resilient = false, .saves = true, .context = context};
    static_cast<void>(parser.read(vp9_inter(true, 0, 0, saves), false));
  }

  const auto taking = parser.read(vp9_inter(true, 0, 0, {.resilient = false, .context = 1}), false);

  EXPECT_THAT(taking[0].references, ElementsAre(FrameNumber(0), FrameNumber(3), FrameNumber(1)));
}

// The boolean entropy encoder of RFC 6386 7.3, for evenly likely bits.
class BoolWriter {
 public:
  BoolWriter& bits(uint32_t value, unsigned count) {
    while (count-- > 0) write((value >> count & 1U) != 0);
    return *this;
  }
  [[nodiscard]] Bytes bytes() {
    bits(0, 32);  // pushes out what counts
    return bytes_;
  }

 private:
  void write(bool bit) {
    const uint32_t split = 1 + ((range_ - 1) * 128 >> 8U);
    bottom_ += bit ? split : 0;
    range_ = bit ? range_ - split : split;
    for (; range_ < 128; range_ <<= 1U) {
      if ((bottom_ >> 31U) != 0) carry();
      bottom_ <<= 1U;
      if (--left_ > 0) continue;
      bytes_.push_back(static_cast<std::byte>(bottom_ >> 24U));
      bottom_ &= 0xFFFFFFU;
      left_ = 8;
    }
  }
  void carry() {
    auto last = bytes_.rbegin();
    for (; *last == std::byte{0xFF}; ++last) *last = std::byte{0};
    *last = static_cast<std::byte>(std::to_integer<unsigned>(*last) + 1);
  }

  Bytes bytes_;
  uint32_t bottom_ = 0;
  uint32_t range_ = 255;
  int left_ = 24;  // bits until the next byte is settled
};

// What a VP8 inter frame that changes no other buffer leaves behind.
Bytes vp8_inter(bool probabilities_stay, bool is_last, uint32_t copy_to_golden = 0) {
  BoolWriter bits;
  bits.bits(0, 1).bits(0, 10).bits(0, 1);  // segments, loop filter
  bits.bits(0, 9).bits(0, 5);              // partitions, quantisers
  bits.bits(0, 2).bits(copy_to_golden, 2).bits(0, 2).bits(0, 2);
  bits.bits(probabilities_stay ? 1 : 0, 1).bits(is_last ? 1 : 0, 1);
  return Bytes{std::byte{0x11}, std::byte{0}, std::byte{0}} + bits.bytes();
}

TEST(Vp8PicturesTest, AFrameThatLeavesAnythingBehindIsNeededByTheNext) {
  Vp8Pictures parser;
  static_cast<void>(parser.read(Bytes(20, std::byte{0x10}), false));

  const auto nothing = parser.read(vp8_inter(false, false), false);
  const auto probabilities = parser.read(vp8_inter(true, false), false);
  const auto after = parser.read(vp8_inter(false, true), false);
  const auto copy = parser.read(vp8_inter(false, false, 1), false);
  const auto last = parser.read(vp8_inter(false, false), false);

  EXPECT_FALSE(nothing[0].reference);
  EXPECT_THAT(nothing[0].references, ElementsAre(FrameNumber(0)));
  EXPECT_TRUE(probabilities[0].reference);
  EXPECT_TRUE(after[0].reference);
  EXPECT_THAT(after[0].references, ElementsAre(FrameNumber(0), FrameNumber(2)));
  EXPECT_TRUE(copy[0].reference);
  EXPECT_THAT(last[0].references, ElementsAre(FrameNumber(3), FrameNumber(0), FrameNumber(4)));
}

TEST(Vp8PicturesTest, GivesHiddenFramesNoType) {
  Vp8Pictures parser;
  const Bytes key(20, std::byte{0x10});     // key, shown
  const Bytes hidden(20, std::byte{0x01});  // inter, not shown

  EXPECT_EQ(parser.read(key, false)[0].type, PictureType::I);
  const auto picture = parser.read(hidden, false);
  EXPECT_EQ(picture[0].type, std::nullopt);
  EXPECT_THAT(picture[0].references, ElementsAre(FrameNumber(0)));
}

TEST(MsMpeg4PicturesTest, ReadsTheTypeFromTheFirstTwoBits) {
  MsMpeg4Pictures parser;

  EXPECT_EQ(parser.read(Bytes{std::byte{0x3F}}, false)[0].type, PictureType::I);
  EXPECT_EQ(parser.read(Bytes{std::byte{0x7F}}, true)[0].type, PictureType::P);
}

TEST(BitReaderTest, LeavesOutEmulationPreventionAndFailsAtTheEnd) {
  const Bytes bytes = {std::byte{0}, std::byte{0}, std::byte{3}, std::byte{1}};
  BitReader escaped(bytes, BitReader::Escapes::EmulationPrevention);
  BitReader plain(bytes);

  EXPECT_EQ(escaped.bits(24), 1U);
  EXPECT_FALSE(escaped.failed());
  EXPECT_EQ(escaped.bits(1), 0U);
  EXPECT_TRUE(escaped.failed());
  EXPECT_EQ(plain.bits(32), 0x301U);
}

TEST(BitReaderTest, ReadsExponentialGolombCodes) {
  Bits bits;
  for (const uint32_t value : {0U, 1U, 2U, 3U, 254U, 0xFFFFFFFEU}) bits.ue(value);
  const Bytes bytes = bits.bytes();
  BitReader reader(bytes);

  for (const uint32_t value : {0U, 1U, 2U, 3U, 254U, 0xFFFFFFFEU}) EXPECT_EQ(reader.ue(), value);
  EXPECT_FALSE(reader.failed());
}

}  // namespace
}  // namespace mayfly
