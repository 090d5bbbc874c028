#include "client/frame_assembler.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/random.h"
#include "demux/synthetic_source.h"

namespace mayfly {
namespace {

constexpr wire::Epoch kEpoch{3};

Frame frame(uint32_t number, size_t bytes, uint8_t track = 0) {
  return {
      .track = TrackId(track),
      .number = FrameNumber(number),
      .frame_class = FrameClass::P,
      .picture_type = PictureType::P,
      .keyframe = false,
      .gop = 4,
      .pts = MediaTime(number * 40ms + 80ms),
      .dts = MediaTime(number * 40ms),
      .duration = 40ms,
      .references = number == 0 ? std::vector<FrameNumber>{} : std::vector{FrameNumber(number - 1)},
      .payload =
          std::make_shared<Bytes>(SyntheticSource::payload_of(1, TrackId(track), number, bytes))};
}

// The messages of a frame, kept so that the pieces may point into them.
struct Pieces {
  explicit Pieces(const Frame& frame, wire::Epoch epoch = kEpoch, size_t most = 1200)
      : messages(wire::cut_into_pieces(frame, epoch, 33ms, most)) {
    for (const Bytes& each : messages) pieces.push_back(*wire::parse_frame_piece(each));
  }
  std::vector<Bytes> messages;
  std::vector<wire::FramePiece> pieces;
};

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.between(0, i - 1)]);
}

TEST(FrameAssemblerTest, GivesTheFrameWithItsLastPiece) {
  FrameAssembler assembler;
  const Frame sent = frame(7, 3000);
  const Pieces cut(sent);
  ASSERT_EQ(cut.pieces.size(), 3u);

  EXPECT_FALSE(assembler.insert(cut.pieces[2], Timestamp(1s)));
  EXPECT_FALSE(assembler.insert(cut.pieces[0], Timestamp(2s)));
  EXPECT_EQ(assembler.frames_under_way(), 1u);
  const auto whole = assembler.insert(cut.pieces[1], Timestamp(3s));

  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->epoch, kEpoch);
  EXPECT_EQ(whole->first_arrival, Timestamp(1s));
  EXPECT_EQ(whole->completed, Timestamp(3s));
  EXPECT_EQ(whole->sent_at, 33ms);
  EXPECT_EQ(*whole->frame.payload, *sent.payload);
  EXPECT_EQ(whole->frame.number, sent.number);
  EXPECT_EQ(whole->frame.frame_class, sent.frame_class);
  EXPECT_EQ(whole->frame.picture_type, sent.picture_type);
  EXPECT_EQ(whole->frame.gop, sent.gop);
  EXPECT_EQ(whole->frame.pts, sent.pts);
  EXPECT_EQ(whole->frame.dts, sent.dts);
  EXPECT_EQ(whole->frame.references, sent.references);
  EXPECT_EQ(assembler.frames_under_way(), 0u);
  EXPECT_EQ(assembler.bytes_under_way(), 0u);
}

TEST(FrameAssemblerTest, TakesAFrameOfOneMessageAndOneWithoutBytes) {
  FrameAssembler assembler;

  EXPECT_TRUE(assembler.insert(Pieces(frame(0, 100'000), kEpoch, 1 << 20).pieces[0], {}));
  Frame empty = frame(1, 8);
  empty.payload = std::make_shared<Bytes>();
  const auto whole = assembler.insert(Pieces(empty).pieces[0], {});

  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->frame.bytes(), 0u);
}

TEST(FrameAssemblerTest, CountsWhatComesTwice) {
  FrameAssembler assembler;
  const Pieces cut(frame(0, 3000));
  EXPECT_FALSE(assembler.insert(cut.pieces[0], {}));
  EXPECT_FALSE(assembler.insert(cut.pieces[0], {}));
  EXPECT_FALSE(assembler.insert(cut.pieces[1], {}));
  EXPECT_TRUE(assembler.insert(cut.pieces[2], {}));
  for (const auto& piece : cut.pieces) EXPECT_FALSE(assembler.insert(piece, {}));

  EXPECT_EQ(assembler.counters().duplicates, 4u);
  EXPECT_EQ(assembler.counters().frames, 1u);
  EXPECT_EQ(assembler.counters().pieces, 7u);
  EXPECT_EQ(assembler.frames_under_way(), 0u);
}

TEST(FrameAssemblerTest, IgnoresPiecesThatContradictWhatIsHere) {
  FrameAssembler assembler;
  const Pieces cut(frame(0, 3000));
  const Pieces cut_otherwise(frame(0, 3000), kEpoch, 700);
  const Pieces longer(frame(0, 3001));
  EXPECT_FALSE(assembler.insert(cut.pieces[0], {}));
  EXPECT_FALSE(assembler.insert(cut.pieces[2], {}));

  // Another size at the same place, overlaps before and behind, another size of the whole.
  EXPECT_FALSE(assembler.insert(cut_otherwise.pieces[0], {}));
  EXPECT_FALSE(assembler.insert(cut_otherwise.pieces[1], {}));
  EXPECT_FALSE(assembler.insert(cut_otherwise.pieces.back(), {}));
  EXPECT_FALSE(assembler.insert(longer.pieces[1], {}));
  EXPECT_EQ(assembler.counters().conflicting, 4u);

  const auto whole = assembler.insert(cut.pieces[1], {});
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole->frame.payload, SyntheticSource::payload_of(1, TrackId(0), 0, 3000));
}

TEST(FrameAssemblerTest, IgnoresEpochsThatAreOver) {
  FrameAssembler assembler;
  const Pieces old(frame(0, 3000), wire::Epoch(255));
  EXPECT_FALSE(assembler.insert(old.pieces[0], {}));

  assembler.retire_before(wire::Epoch(0));  // which comes after 255

  EXPECT_EQ(assembler.frames_under_way(), 0u);
  EXPECT_FALSE(assembler.insert(old.pieces[1], {}));
  EXPECT_EQ(assembler.counters().outdated, 1u);
  EXPECT_TRUE(assembler.insert(Pieces(frame(0, 100), wire::Epoch(0)).pieces[0], {}));
  EXPECT_TRUE(assembler.insert(Pieces(frame(0, 100), wire::Epoch(1)).pieces[0], {}));
  // It never goes back.
  assembler.retire_before(wire::Epoch(254));
  EXPECT_FALSE(assembler.insert(Pieces(frame(0, 100), wire::Epoch(255)).pieces[0], {}));
}

TEST(FrameAssemblerTest, ForgetsFramesOfWhichNothingComesAnyMore) {
  FrameAssembler assembler;
  const Pieces first(frame(0, 3000));
  const Pieces second(frame(1, 3000));
  EXPECT_FALSE(assembler.insert(first.pieces[0], Timestamp(1s)));
  EXPECT_FALSE(assembler.insert(second.pieces[0], Timestamp(1s)));
  EXPECT_FALSE(assembler.insert(second.pieces[1], Timestamp(5s)));

  assembler.forget_idle_since(Timestamp(4s));

  EXPECT_EQ(assembler.frames_under_way(), 1u);
  EXPECT_EQ(assembler.counters().given_up, 1u);
  EXPECT_TRUE(assembler.insert(second.pieces[2], Timestamp(6s)));
}

TEST(FrameAssemblerTest, GivesUpTheOldestWhenABoundIsReached) {
  FrameAssembler assembler({.max_bytes = 10'000, .max_frames = 4});
  for (uint32_t number = 0; number < 20; ++number) {
    EXPECT_FALSE(assembler.insert(Pieces(frame(number, 3000)).pieces[0], {}));
    EXPECT_LE(assembler.frames_under_way(), 4u);
  }
  EXPECT_EQ(assembler.counters().given_up, 16u);

  FrameAssembler by_bytes({.max_bytes = 10'000, .max_frames = 100});
  for (uint32_t number = 0; number < 20; ++number) {
    EXPECT_FALSE(by_bytes.insert(Pieces(frame(number, 9000), kEpoch, 4000).pieces[0], {}));
    EXPECT_LE(by_bytes.bytes_under_way(), 10'000u);
  }
  EXPECT_EQ(by_bytes.frames_under_way(), 2u);
}

TEST(FrameAssemblerTest, HoldsNoMoreThanWhatReallyCame) {
  FrameAssembler assembler;
  wire::FramePiece boast{.epoch = kEpoch,
                         .track = TrackId(0),
                         .number = FrameNumber(0),
                         .frame_bytes = wire::kMaxFrameBytes,
                         .offset = 100,
                         .description = {},
                         .body = as_bytes("x")};
  EXPECT_FALSE(assembler.insert(boast, {}));

  EXPECT_EQ(assembler.bytes_under_way(), 1u);
}

TEST(FrameAssemblerTest, KeepsTracksAndEpochsApart) {
  FrameAssembler assembler;
  EXPECT_TRUE(assembler.insert(Pieces(frame(0, 100, 0)).pieces[0], {}));
  EXPECT_TRUE(assembler.insert(Pieces(frame(0, 100, 1)).pieces[0], {}));
  EXPECT_TRUE(assembler.insert(Pieces(frame(0, 100, 0), wire::Epoch(4)).pieces[0], {}));
}

TEST(FrameAssemblerTest, PutsAnEightMegabyteFrameTogetherFromTheWorstOrder) {
  const Frame sent = frame(0, 8 << 20);
  const Pieces cut(sent);
  std::vector<size_t> order(cut.pieces.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random random(1);
  shuffle(order, random);

  FrameAssembler assembler;
  std::optional<AssembledFrame> whole;
  for (const size_t i : order) {
    if (auto done = assembler.insert(cut.pieces[i], {})) whole = std::move(done);
  }

  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole->frame.payload, *sent.payload);
}

RC_GTEST_PROP(FrameAssemblerProperty, WhateverOrderAndRepetitionEveryWholeFrameComesOnce, ()) {
  Random random(*rc::gen::arbitrary<uint64_t>());
  const auto count = *rc::gen::inRange<uint32_t>(1, 12);
  std::vector<Frame> frames;
  std::vector<Pieces> cut;
  for (uint32_t number = 0; number < count; ++number) {
    frames.push_back(frame(number, random.between(8, 6000)));
    cut.emplace_back(frames.back(), kEpoch, random.between(256, 2000));
  }
  std::vector<wire::FramePiece> pieces;
  std::vector<bool> is_whole(count, true);
  for (uint32_t number = 0; number < count; ++number) {
    for (const auto& piece : cut[number].pieces) {
      if (random.chance(0.05)) {
        is_whole[number] = false;
        continue;
      }
      for (uint64_t times = random.between(1, 3); times > 0; --times) pieces.push_back(piece);
    }
  }
  shuffle(pieces, random);

  FrameAssembler assembler;
  std::vector<bool> came(count, false);
  for (const auto& piece : pieces) {
    auto whole = assembler.insert(piece, {});
    if (!whole) continue;
    const uint32_t number = whole->frame.number.value();
    RC_ASSERT(!came[number]);
    RC_ASSERT(*whole->frame.payload == *frames[number].payload);
    came[number] = true;
  }
  RC_ASSERT(came == is_whole);
}

}  // namespace
}  // namespace mayfly
