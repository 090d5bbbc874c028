#include "transport/message_assembler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

namespace mayfly {
namespace {

MessagePiece piece_of(uint16_t stream, std::string_view text, bool ends) {
  return {
      .stream = StreamId(stream), .ppid = Ppid(7), .bytes = as_bytes(text), .ends_message = ends};
}

std::string text_of(const Result<std::optional<Message>>& result) {
  if (!result) return "error: " + result.error().message;
  return *result ? std::string(as_text((*result)->payload)) : "incomplete";
}

TEST(MessageAssemblerTest, PassesAWholeMessageOn) {
  MessageAssembler assembler(100);

  const auto result = assembler.add(piece_of(3, "whole", true));

  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->stream, StreamId(3));
  EXPECT_EQ((*result)->ppid, Ppid(7));
  EXPECT_EQ(text_of(result), "whole");
}

TEST(MessageAssemblerTest, PutsInterleavedMessagesOfSeveralStreamsTogether) {
  MessageAssembler assembler(100);

  EXPECT_EQ(text_of(assembler.add(piece_of(1, "lar", false))), "incomplete");
  EXPECT_EQ(text_of(assembler.add(piece_of(2, "small", true))), "small");
  EXPECT_EQ(text_of(assembler.add(piece_of(3, "al", false))), "incomplete");
  EXPECT_EQ(text_of(assembler.add(piece_of(1, "g", false))), "incomplete");
  EXPECT_EQ(text_of(assembler.add(piece_of(3, "so", true))), "also");
  EXPECT_EQ(text_of(assembler.add(piece_of(1, "e", true))), "large");
  EXPECT_EQ(assembler.incomplete_bytes(), 0U);
}

// As Linux delivers a large message that came in I-DATA chunks.
TEST(MessageAssemblerTest, TheFirstPieceSaysWhatTheMessageIs) {
  MessageAssembler assembler(100);
  ASSERT_TRUE(assembler.add(piece_of(1, "la", false)));
  MessagePiece rest = piece_of(1, "rg", false);
  rest.ppid = Ppid(0);
  ASSERT_TRUE(assembler.add(rest));
  rest = piece_of(1, "e", true);
  rest.ppid = Ppid(1);

  const auto result = assembler.add(rest);

  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->ppid, Ppid(7));
  EXPECT_EQ(text_of(result), "large");
}

TEST(MessageAssemblerTest, KeepsOrderedAndUnorderedOfOneStreamApart) {
  MessageAssembler assembler(100);
  MessagePiece unordered = piece_of(1, "un", false);
  unordered.ordered = false;

  EXPECT_EQ(text_of(assembler.add(piece_of(1, "or", false))), "incomplete");
  EXPECT_EQ(text_of(assembler.add(unordered)), "incomplete");
  EXPECT_EQ(text_of(assembler.add(piece_of(1, "dered", true))), "ordered");
  unordered.bytes = as_bytes("sorted");
  unordered.ends_message = true;
  EXPECT_EQ(text_of(assembler.add(unordered)), "unsorted");
}

TEST(MessageAssemblerTest, DropsAndCountsAnAbortedPartialDelivery) {
  MessageAssembler assembler(100);
  ASSERT_TRUE(assembler.add(piece_of(1, "never finished", false)));
  ASSERT_TRUE(assembler.add(piece_of(2, "goes on", false)));

  assembler.abort_stream(StreamId(1));

  EXPECT_EQ(assembler.aborted(), 1U);
  EXPECT_EQ(text_of(assembler.add(piece_of(1, "next", true))), "next");
  EXPECT_EQ(text_of(assembler.add(piece_of(2, "!", true))), "goes on!");
}

TEST(MessageAssemblerTest, ANewSequenceNumberEndsTheMessageBeforeIt) {
  MessageAssembler assembler(100);
  MessagePiece piece = piece_of(1, "begun", false);
  piece.sequence = 4;
  ASSERT_TRUE(assembler.add(piece));
  piece = piece_of(1, "next", true);
  piece.sequence = 5;

  EXPECT_EQ(text_of(assembler.add(piece)), "next");
  EXPECT_EQ(assembler.aborted(), 1U);
  EXPECT_EQ(assembler.incomplete_messages(), 0U);
}

TEST(MessageAssemblerTest, RefusesAMessageThatGrowsTooLarge) {
  MessageAssembler assembler(10);

  EXPECT_TRUE(assembler.add(piece_of(1, "0123456789", true)));
  EXPECT_TRUE(assembler.add(piece_of(1, "012345", false)));
  const auto result = assembler.add(piece_of(1, "67890", true));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Exhausted);
}

TEST(MessageAssemblerTest, BoundsAllIncompleteMessagesTogether) {
  MessageAssembler assembler(10);
  ASSERT_TRUE(assembler.add(piece_of(1, "0123456789", false)));
  ASSERT_TRUE(assembler.add(piece_of(2, "0123456789", false)));

  EXPECT_FALSE(assembler.add(piece_of(3, "0", false)));
  EXPECT_TRUE(assembler.add(piece_of(3, "0", true)));  // whole: nothing to keep
}

// Cuts messages of several streams anywhere and interleaves the pieces in any way that keeps each
// stream's order.
RC_GTEST_PROP(MessageAssemblerProperty, ReturnsWhatWasCutHoweverItInterleaves, ()) {
  constexpr uint16_t kStreams = 4;
  std::array<std::deque<std::string>, kStreams> sent;
  std::array<std::deque<std::pair<std::string, bool>>, kStreams> pieces;
  for (uint16_t stream = 0; stream < kStreams; ++stream) {
    sent[stream] = *rc::gen::container<std::deque<std::string>>(rc::gen::nonEmpty<std::string>());
    for (const std::string& text : sent[stream]) {
      for (size_t at = 0; at < text.size();) {
        const size_t length = *rc::gen::inRange<size_t>(1, text.size() - at + 1);
        pieces[stream].emplace_back(text.substr(at, length), at + length == text.size());
        at += length;
      }
    }
  }

  MessageAssembler assembler(1 << 20);
  size_t left = 0;
  for (const auto& each : pieces) left += each.size();
  for (; left > 0; --left) {
    const uint16_t start = *rc::gen::inRange<uint16_t>(0, kStreams);
    uint16_t stream = start;
    while (pieces[stream].empty()) stream = static_cast<uint16_t>((stream + 1) % kStreams);
    const auto [text, ends] = pieces[stream].front();
    pieces[stream].pop_front();
    const auto result = assembler.add(piece_of(stream, text, ends));
    RC_ASSERT(result.has_value());
    RC_ASSERT(result->has_value() == ends);
    if (!ends) continue;
    RC_ASSERT(std::string(as_text((*result)->payload)) == sent[stream].front());
    sent[stream].pop_front();
  }

  RC_ASSERT(assembler.incomplete_bytes() == 0U);
  for (const auto& each : sent) RC_ASSERT(each.empty());
}

}  // namespace
}  // namespace mayfly
