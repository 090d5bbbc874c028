#include "transport/kernel/stack_backlog.h"

#include <gtest/gtest.h>

namespace mayfly {
namespace {

TEST(StackBacklogTest, CountsWhatWasHandedOverAndNotSent) {
  StackBacklog backlog;
  backlog.handed_over(1000, 1200);
  backlog.handed_over(2500, 1200);
  EXPECT_EQ(backlog.unsent_bytes(), 3500U);

  backlog.update(2);

  EXPECT_EQ(backlog.unsent_bytes(), 1300U);
}

TEST(StackBacklogTest, ForgetsWhatWasDroppedBeforeItWasSent) {
  StackBacklog backlog;
  backlog.handed_over(3600, 1200);

  backlog.chunk_dropped();
  backlog.update(1);

  EXPECT_EQ(backlog.unsent_bytes(), 1200U);
}

TEST(StackBacklogTest, RecoversWhenTheKernelCutsDifferently) {
  StackBacklog backlog;
  backlog.handed_over(2400, 1200);
  backlog.update(3);
  EXPECT_EQ(backlog.unsent_bytes(), 0U);

  backlog.handed_over(1200, 1200);

  EXPECT_EQ(backlog.unsent_bytes(), 1200U);
  backlog.update(4);
  EXPECT_EQ(backlog.unsent_bytes(), 0U);
}

TEST(StackBacklogTest, TellsWhatGoesBeforeAMoreUrgentMessage) {
  StackBacklog backlog;
  backlog.handed_over(12'000, 1200, 2);
  backlog.handed_over(300, 1200, 1);
  EXPECT_EQ(backlog.unsent_bytes_before(0), 0U);
  EXPECT_EQ(backlog.unsent_bytes_before(1), 300U);
  EXPECT_EQ(backlog.unsent_bytes_before(2), 12'300U);

  backlog.update(2);  // the urgent one and a chunk of the other

  EXPECT_EQ(backlog.unsent_bytes_before(1), 0U);
  EXPECT_EQ(backlog.unsent_bytes(), 10'800U);
}

TEST(StackBacklogTest, IsEmptyOnceEverythingIsAcknowledged) {
  StackBacklog backlog;
  backlog.handed_over(10'000, 1200);
  backlog.update(3);

  backlog.clear();
  backlog.handed_over(500, 1200);

  EXPECT_EQ(backlog.unsent_bytes(), 500U);
}

}  // namespace
}  // namespace mayfly
