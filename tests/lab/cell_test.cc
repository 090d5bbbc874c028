#include "lab/cell.h"

#include <gmock/gmock.h>

#include <set>

#include "lab/channel_log.h"
#include "lab/row.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr DataRate kRate = DataRate::bits_per_second(1'500'000);

TEST(CellTest, QuickIsEightCellsAndIdsAreTakenOnceInTheirOrder) {
  EXPECT_THAT(*parse_cells("quick"), SizeIs(8));
  std::vector<std::string> ids;
  const auto cells = parse_cells("Q3,Q0,Q3");
  ASSERT_TRUE(cells);
  for (const Cell& each : *cells) ids.push_back(each.id);
  EXPECT_THAT(ids, ElementsAre("Q3", "Q0"));
}

TEST(CellTest, AnUnknownCellOrRowIsToldWithThoseThereAre) {
  for (const char* text : {"Q9", "", "Q1,", "full"}) {
    const auto cells = parse_cells(text);
    ASSERT_FALSE(cells) << text;
    EXPECT_THAT(cells.error().message, HasSubstr("there are Q0, Q1, Q2, Q3, Q4, Q5, Q6, Q7"));
  }
  const auto rows = parse_rows("udp,tcp");
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message, HasSubstr("there is no row \"tcp\"; there are udp, "));
  EXPECT_THAT(*parse_rows("all"), SizeIs(known_rows().size()));
  const auto needs_a_kernel = parse_rows("tcp-cubic");
  ASSERT_FALSE(needs_a_kernel);
  EXPECT_THAT(needs_a_kernel.error().message, HasSubstr("it takes --engine real or both"));
  EXPECT_EQ(parse_rows("tcp-cubic", {Engine::Virtual, Engine::Real})->front().engine, Engine::Real);
}

// Rows send at different times and different amounts: a packet that leaves in the same slot meets
// the same fate all the same.
TEST(CellTest, EverySenderMeetsTheSameChannel) {
  for (const char* id : {"Q3", "Q4", "Q7"}) {
    const Cell cell = parse_cells(id)->front();
    Link busy = forward_link(cell, kRate, 5, 60s, Timestamp{}).without_capacity();
    Link quiet = forward_link(cell, kRate, 5, 60s, Timestamp{}).without_capacity();
    Link other = forward_link(cell, kRate, 6, 60s, Timestamp{}).without_capacity();
    int lost = 0;
    int differences = 0;
    for (int slot = 0; slot < 40'000; ++slot) {
      const Timestamp now{Duration(slot * 1000)};
      const bool arrives = busy.offer(now, 1280).copies > 0;
      if (!arrives) ++lost;
      if (slot % 7 != 0) continue;
      EXPECT_EQ(quiet.offer(now, 100).copies > 0, arrives) << id << " " << slot;
      if ((other.offer(now, 100).copies > 0) != arrives) ++differences;
    }
    EXPECT_GT(lost, 100) << id;
    EXPECT_GT(differences, 10) << id;
  }
}

TEST(CellTest, ASeedMovesTheBlackoutsAndEachIsAsLongAsItShouldBe) {
  const Cell cell = parse_cells("Q7")->front();
  std::set<Duration> begins;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const LinkModel model = forward_model(cell, kRate, seed, 40s);
    ASSERT_THAT(model.outages, ::testing::Not(::testing::IsEmpty()));
    EXPECT_LT(model.outages[0].first, 15s);
    for (size_t i = 0; i < model.outages.size(); ++i) {
      EXPECT_EQ(model.outages[i].second, 400ms);
      EXPECT_EQ(model.outages[i].first, model.outages[0].first + static_cast<int64_t>(i) * 15s);
    }
    begins.insert(model.outages[0].first);
  }
  EXPECT_THAT(begins, SizeIs(10));
}

// 10 s of 1, 5 s of 2.5, 5 s of .6 and 5 s of 1 times R: 30.5 R s in 25 s.
TEST(CellTest, AVariableCapacityCarriesWhatItsScheduleSays) {
  Cell cell = parse_cells("Q6")->front();
  cell.loss = BernoulliLoss{};
  const ChannelLog log(cell, kRate, 1, 50s);
  const double per_second = static_cast<double>(kRate.bits_per_second()) / 8;

  EXPECT_NEAR(log.bytes_by(10s), 10 * per_second, 3000);
  EXPECT_NEAR(log.bytes_by(15s), 22.5 * per_second, 3000);
  EXPECT_NEAR(log.bytes_by(20s), 25.5 * per_second, 3000);
  EXPECT_NEAR(log.bytes_by(25s), 30.5 * per_second, 3000);
  EXPECT_NEAR(log.bytes_by(50s), 61.0 * per_second, 6000);
}

TEST(CellTest, ADescriptionNamesAllThatMatters) {
  EXPECT_EQ(describe(parse_cells("Q3")->front()),
            "5% loss, RTT 100ms, 10Mbit/s, queue 300ms, D 400ms");
  EXPECT_EQ(describe(parse_cells("Q4")->front()),
            "2% loss in fades of 20ms, RTT 60ms, 10Mbit/s, queue 300ms, D 300ms");
  EXPECT_EQ(describe(parse_cells("Q5")->front()), "no loss, RTT 50ms, 0.75 R, queue 300ms, D 1s");
}

}  // namespace
}  // namespace mayfly
