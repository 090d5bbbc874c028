#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/random.h"
#include "transport/sctp/rx/receiver.h"

namespace mayfly::sctp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Timestamp kNow(5s);

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

// One chunk of a message, told by a short text.
class ReceiverTest : public ::testing::Test {
 protected:
  Receiver::Verdict data(uint32_t tsn, uint16_t ssn, std::string_view text, bool begins = true,
                         bool ends = true, bool unordered = false) {
    const Bytes payload = bytes_of(text);
    const auto verdict = receiver_.on_data({.unordered = unordered,
                                            .beginning = begins,
                                            .end = ends,
                                            .tsn = Tsn(tsn),
                                            .stream = StreamId(1),
                                            .sequence = StreamSequence(ssn),
                                            .ppid = Ppid(3),
                                            .payload = payload});
    receiver_.on_packet_end(kNow);
    return verdict;
  }
  std::vector<std::string> fetch() {
    std::vector<std::string> texts;
    while (receiver_.has_message()) {
      texts.emplace_back(as_text(receiver_.take_message().payload));
    }
    return texts;
  }

  Receiver receiver_{{.window_bytes = 10'000, .max_message_bytes = 5'000}, Tsn(100), false};
};

TEST_F(ReceiverTest, PutsOrderedMessagesInOrder) {
  data(101, 1, "second");
  EXPECT_THAT(fetch(), IsEmpty());
  data(100, 0, "first");

  EXPECT_THAT(fetch(), ElementsAre("first", "second"));
}

TEST_F(ReceiverTest, DeliversUnorderedMessagesAsTheyCome) {
  data(101, 0, "late", true, true, true);
  EXPECT_THAT(fetch(), ElementsAre("late"));
}

TEST_F(ReceiverTest, JoinsFragmentsInWhateverOrderTheyCome) {
  data(102, 0, "three", false, true);
  data(100, 0, "one", true, false);
  data(103, 1, "next");
  data(101, 0, "two", false, false);

  EXPECT_THAT(fetch(), ElementsAre("onetwothree", "next"));
}

TEST_F(ReceiverTest, HoldsNothingOfAnUnorderedMessageWhoseBeginningWasGivenUp) {
  data(101, 0, "behind the gap", false, false, true);
  receiver_.on_forward({.new_cumulative_tsn = Tsn(100), .skipped = {}});
  EXPECT_EQ(receiver_.reassembly().charged_bytes(), 0U);

  data(102, 0, "late", false, false, true);
  data(103, 0, "last", false, true, true);
  data(104, 0, "next", true, true, true);

  EXPECT_THAT(fetch(), ElementsAre("next"));
  EXPECT_EQ(receiver_.reassembly().charged_bytes(), 0U);
}

TEST_F(ReceiverTest, NeverJoinsFragmentsOfTwoMessages) {
  // What usrsctp does with what a kernel sends: the beginning of an abandoned message, and the
  // next.
  data(100, 0, "abandoned", true, false, true);
  data(102, 0, "whole", true, true, true);
  receiver_.on_forward({.new_cumulative_tsn = Tsn(101), .skipped = {}});
  data(103, 0, "tail", false, true, true);

  EXPECT_THAT(fetch(), ElementsAre("whole"));
}

TEST_F(ReceiverTest, SkipsWhatThePeerHasGivenUpAndDeliversWhatIsComplete) {  // RFC 3758 3.6
  data(101, 1, "one");
  data(103, 3, "three");
  const std::vector<SkippedSequence> skipped = {{StreamId(1), StreamSequence(2)}};

  receiver_.on_forward({.new_cumulative_tsn = Tsn(102), .skipped = skipped});

  EXPECT_THAT(fetch(), ElementsAre("one", "three"));
  EXPECT_EQ(receiver_.cumulative(), Tsn(103));
  EXPECT_EQ(receiver_.reassembly().charged_bytes(), 0U);
}

TEST_F(ReceiverTest, TellsOfGapsAndDuplicates) {  // RFC 9260 3.3.4, 6.2
  data(100, 0, "a");
  data(102, 2, "c");
  data(103, 3, "d");
  data(105, 5, "f");
  data(102, 2, "c");

  const Receiver::Sack sack = receiver_.make_sack(1000);
  EXPECT_EQ(sack.cumulative, Tsn(100));
  EXPECT_THAT(sack.gap_blocks, ElementsAre(GapAckBlock{2, 3}, GapAckBlock{5, 5}));
  EXPECT_THAT(sack.duplicates, ElementsAre(Tsn(102)));
  EXPECT_THAT(receiver_.make_sack(1000).duplicates, IsEmpty());
}

TEST_F(ReceiverTest, TakesNothingBeyondItsWindowButWhatFillsAGap) {
  const std::string piece(1000, 'x');
  for (uint32_t i = 1; i <= 20; ++i) data(100 + i, static_cast<uint16_t>(i), piece);
  const size_t held = receiver_.reassembly().charged_bytes();
  EXPECT_LE(held, 10'000U + 1000 + FragmentRuns::kOverhead);

  EXPECT_EQ(data(100, 0, piece), Receiver::Verdict::Taken);
  EXPECT_EQ(fetch().size(), held / (1000 + FragmentRuns::kOverhead) + 1);
}

TEST_F(ReceiverTest, EndsWhenAMessageIsTooLarge) {
  const std::string piece(1000, 'x');
  Receiver::Verdict last = Receiver::Verdict::Taken;
  for (uint32_t i = 0; i < 6; ++i) last = data(100 + i, 0, piece, i == 0, false);
  EXPECT_EQ(last, Receiver::Verdict::MessageTooLarge);
}

TEST_F(ReceiverTest, RefusesStreamsItDoesNotHaveAndEmptyChunks) {
  const Bytes payload = bytes_of("x");
  DataChunk chunk;
  chunk.beginning = chunk.end = true;
  chunk.tsn = Tsn(100);
  chunk.stream = StreamId(16);
  chunk.payload = payload;
  EXPECT_EQ(receiver_.on_data(chunk), Receiver::Verdict::NoSuchStream);
  EXPECT_EQ(receiver_.cumulative(), Tsn(100));  // acknowledged all the same (RFC 9260 6.5)
  EXPECT_EQ(data(101, 0, ""), Receiver::Verdict::NoPayload);
}

TEST(ReceiverSackTest, WaitsForASecondPacketOnlyWhenToldTo) {  // RFC 9260 6.2, RFC 7053
  Receiver receiver({.sack_delay = 200ms, .sack_frequency = 2}, Tsn(1), false);
  const Bytes payload = bytes_of("x");
  const auto packet = [&](uint32_t tsn, bool immediate) {
    DataChunk chunk;
    chunk.immediate = immediate;
    chunk.unordered = chunk.beginning = chunk.end = true;
    chunk.tsn = Tsn(tsn);
    chunk.payload = payload;
    (void)receiver.on_data(chunk);
    receiver.on_packet_end(kNow);
  };

  packet(1, false);
  EXPECT_FALSE(receiver.is_sack_due(kNow));
  EXPECT_TRUE(receiver.is_sack_due(kNow + 200ms));
  packet(2, false);
  EXPECT_TRUE(receiver.is_sack_due(kNow));
  (void)receiver.make_sack(100);
  packet(3, true);
  EXPECT_TRUE(receiver.is_sack_due(kNow));
  (void)receiver.make_sack(100);
  packet(5, false);
  EXPECT_TRUE(receiver.is_sack_due(kNow)) << "something is missing";
}

TEST(TsnTrackerTest, AgreesWithASetOfNumbers) {
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(::testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  TsnTracker tracker(Tsn(0xffffff00));
  const UnwrappedTsn before = tracker.cumulative();
  std::set<uint64_t> have;
  uint64_t cumulative = 0;  // how many from the start
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t at = cumulative + random.between(0, 40);
    if (random.chance(0.02)) {
      tracker.forward_to(before + at);
      for (uint64_t each = 1; each <= at; ++each) have.insert(each);
    } else if (at > 0) {
      const bool is_new = tracker.classify(before + at) == TsnTracker::Arrival::New;
      ASSERT_EQ(is_new, !have.contains(at));
      if (is_new) tracker.add(before + at);
      have.insert(at);
    }
    while (have.contains(cumulative + 1)) ++cumulative;
    have.erase(have.begin(), have.lower_bound(cumulative > 50 ? cumulative - 50 : 0));
    ASSERT_EQ(tracker.cumulative(), before + cumulative);
    for (const GapAckBlock& block : tracker.gap_blocks(1000)) {
      for (uint64_t each = block.start; each <= block.end; ++each) {
        ASSERT_TRUE(have.contains(cumulative + each));
      }
      ASSERT_FALSE(have.contains(cumulative + block.start - 1U));
      ASSERT_FALSE(have.contains(cumulative + block.end + 1U));
    }
  }
}

}  // namespace
}  // namespace mayfly::sctp
