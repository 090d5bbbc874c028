#include "server/playout.h"

#include <gmock/gmock.h>

#include <deque>

#include "demux/synthetic_source.h"
#include "netsim/simulation.h"
#include "tests/support/loopback_association.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Gives what the test puts in, as a live input does.
class ScriptedSource final : public MediaSource {
 public:
  const std::vector<Track>& tracks() const override { return tracks_; }
  std::optional<Duration> duration() const override { return std::nullopt; }
  Result<Reading> next() override {
    if (!frames.empty()) {
      Frame frame = std::move(frames.front());
      frames.pop_front();
      return frame;
    }
    if (damage) return failure(*damage);
    if (is_over) return EndOfMedia{};
    return NotYet{};
  }
  Result<void> seek(MediaTime) override {
    return failure(ErrorCode::Unsupported, "a live input has no other positions");
  }
  void set_on_ready(std::function<void()> on_ready) override { on_ready_ = std::move(on_ready); }

  void add(Duration dts, FrameClass frame_class = FrameClass::I) {
    Frame frame;
    frame.number = FrameNumber(next_++);
    frame.frame_class = frame_class;
    frame.pts = frame.dts = MediaTime(dts);
    frame.duration = 40ms;
    frame.payload = std::make_shared<const Bytes>(Bytes(100));
    frames.push_back(std::move(frame));
  }
  void announce() { on_ready_(); }

  std::deque<Frame> frames;
  std::optional<Error> damage;
  bool is_over = false;

 private:
  std::vector<Track> tracks_{1};
  std::function<void()> on_ready_;
  uint32_t next_ = 0;
};

class PlayoutTest : public ::testing::Test, public Playout::Observer {
 protected:
  PlayoutTest() : pair_(connect_loopback(simulation_, {})) { simulation_.run_for(100ms); }

  void start(std::unique_ptr<MediaSource> source, bool loop = false) {
    playout_.emplace(std::move(source), sender_, *this, simulation_, simulation_);
    ASSERT_TRUE(playout_->start({std::nullopt, 300ms, loop}));
  }
  ScriptedSource& start_live() {
    auto source = std::make_unique<ScriptedSource>();
    ScriptedSource& live = *source;
    start(std::move(source));
    return live;
  }
  size_t due_frames() const {
    size_t due = 0;
    for (const SenderClassStats& each : ledger_.stats()) due += each.due;
    return due;
  }

  Simulation simulation_;
  LoopbackPair pair_;
  FateLedger ledger_;
  FrameSender sender_{*pair_.server, ledger_, prioritised(), simulation_.now()};
  std::optional<Playout> playout_;
  std::vector<MediaTime> playing_;
  std::vector<std::optional<Error>> ended_;

 private:
  wire::Epoch next_epoch() override { return wire::Epoch(epochs_++); }
  void on_playing(wire::Epoch, const PlayoutSchedule&, MediaTime position) override {
    playing_.push_back(position);
  }
  void on_source_ended(wire::Epoch, std::optional<Error> damage) override {
    ended_.push_back(std::move(damage));
  }
  uint8_t epochs_ = 0;
};

TEST_F(PlayoutTest, WaitsForALiveInputsFirstFrame) {
  ScriptedSource& live = start_live();
  simulation_.run_for(10s);
  EXPECT_THAT(playing_, SizeIs(0));

  live.add(77s);
  live.announce();

  EXPECT_THAT(playing_, ElementsAre(MediaTime(77s)));
  EXPECT_EQ(due_frames(), 1U);
}

TEST_F(PlayoutTest, FollowsALiveInputThatStoodStill) {
  ScriptedSource& live = start_live();
  live.add(0ms);
  live.announce();
  simulation_.run_for(5s);

  live.add(40ms);
  live.add(80ms);
  live.announce();
  simulation_.run_for(100ms);

  EXPECT_EQ(due_frames(), 3U);
  EXPECT_EQ(playout_->position(), MediaTime(5s + 40ms)) << "late frames would all be useless";
  EXPECT_EQ(ledger_.stats()[index_of(FrameClass::I)].sent, 3U);
}

TEST_F(PlayoutTest, ALiveInputCannotBeSoughtAndGoesOn) {
  ScriptedSource& live = start_live();
  live.add(0ms);
  live.announce();

  EXPECT_EQ(playout_->seek(MediaTime(1s)).error().code, ErrorCode::Unsupported);
  live.add(40ms);
  live.announce();
  simulation_.run_for(1s);

  EXPECT_EQ(due_frames(), 2U);
}

TEST_F(PlayoutTest, ADamagedClipGivesItsFramesUpToTheDamage) {
  ScriptedSource& source = start_live();
  for (int i = 0; i < 3; ++i) source.add(i * 40ms);
  source.damage = Error{ErrorCode::Malformed, "the file is cut short"};
  source.announce();
  simulation_.run_for(1s);

  EXPECT_EQ(due_frames(), 3U);
  ASSERT_THAT(ended_, SizeIs(1));
  ASSERT_TRUE(ended_[0]);
  EXPECT_THAT(ended_[0]->message, HasSubstr("cut short"));
}

TEST_F(PlayoutTest, AClipWithoutFramesEndsEvenInALoop) {
  start(std::make_unique<SyntheticSource>(SyntheticShape{.pictures = 0}), true);
  simulation_.run_for(1s);

  EXPECT_THAT(playing_, SizeIs(0));
  ASSERT_THAT(ended_, SizeIs(1));
  EXPECT_THAT(ended_[0]->message, HasSubstr("no frames"));
}

TEST_F(PlayoutTest, ReadsAheadOnlySoFar) {
  start(std::make_unique<SyntheticSource>(SyntheticShape{.pictures = 100'000}));
  simulation_.run_for(2s);

  EXPECT_EQ(due_frames(), 51U);
  EXPECT_EQ(playout_->position(), MediaTime(2s));
}

TEST_F(PlayoutTest, StoppedInTheMiddleItCountsOnlyWhatWasDue) {
  start(std::make_unique<SyntheticSource>(SyntheticShape{}));
  simulation_.run_for(1s);
  playout_->stop();
  simulation_.run_for(5s);

  EXPECT_EQ(due_frames(), 26U);
  EXPECT_THAT(ended_, SizeIs(0));
}

}  // namespace
}  // namespace mayfly
