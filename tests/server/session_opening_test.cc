// Clips that take long to open, and sources that fail later than they are asked.
#include <gmock/gmock.h>

#include <deque>

#include "tests/server/served_world.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Opens nothing until the test says so, and remembers what it was asked for.
class SlowOpener {
 public:
  struct Asked {
    std::string place;
    std::stop_token unwanted;
    MediaOpening done;
  };

  [[nodiscard]] AsyncMediaOpener opener() {
    return [this](const MediaLocation& location, std::stop_token unwanted, MediaOpening done) {
      asked.push_back({location.place, std::move(unwanted), std::move(done)});
    };
  }
  void open_next() {
    const Asked next = std::move(asked.front());
    asked.pop_front();
    if (next.unwanted.stop_requested()) return next.done(failure(ErrorCode::Closed, "closed"));
    next.done(std::make_unique<SyntheticSource>(SyntheticShape{}));
  }

  std::deque<Asked> asked;
};

TEST(SessionOpeningTest, OneClipIsOpenedAtATimeAndTheOneAskedForLastIsPlayed) {
  SlowOpener slow;
  ServedWorld world({}, {{"a.syn", {}}, {"b.syn", {}}, {"c.syn", {}}}, {}, slow.opener());
  ServedPlayer& player = world.join_and_greet();

  for (const char* clip : {"a", "b", "c"}) player.play(clip);
  world.run_for(100ms);
  ASSERT_THAT(slow.asked, SizeIs(1));
  EXPECT_TRUE(slow.asked.front().unwanted.stop_requested());
  slow.open_next();  // the first, which nobody wants any more
  ASSERT_THAT(slow.asked, SizeIs(1));
  EXPECT_EQ(slow.asked.front().place, "c.syn");
  slow.open_next();
  world.run_for(100ms);

  const auto playing = player.heard<wire::Playing>();
  ASSERT_THAT(playing, SizeIs(1));
  EXPECT_EQ(playing[0].clip, "c.syn");
  EXPECT_THAT(slow.asked, IsEmpty());
  EXPECT_THAT(player.heard<wire::Refused>(), IsEmpty());
}

TEST(SessionOpeningTest, NobodyWantsAClipAnyMoreThatWasStopped) {
  SlowOpener slow;
  ServedWorld world({}, {{"clip.syn", {}}}, {}, slow.opener());
  ServedPlayer& player = world.join_and_greet();

  player.play("clip");
  world.run_for(100ms);
  player.say(wire::Stop{});
  world.run_for(100ms);
  ASSERT_THAT(slow.asked, SizeIs(1));
  EXPECT_TRUE(slow.asked.front().unwanted.stop_requested());
  slow.open_next();
  world.run_for(1s);

  EXPECT_THAT(player.heard<wire::Playing>(), IsEmpty());
  EXPECT_THAT(player.heard<wire::EndOfClip>(), SizeIs(1));
  player.play("clip");  // and the session goes on
  world.run_for(100ms);
  slow.open_next();
  world.run_for(100ms);
  EXPECT_THAT(player.heard<wire::Playing>(), SizeIs(1));
}

TEST(SessionOpeningTest, NobodyWantsTheClipOfAPlayerThatHasGone) {
  SlowOpener slow;
  ServedWorld world({}, {{"clip.syn", {}}}, {}, slow.opener());
  ServedPlayer& player = world.join_and_greet();
  player.play("clip");
  world.run_for(100ms);

  player.leave();
  world.run_for(1s);

  ASSERT_THAT(slow.asked, SizeIs(1));
  EXPECT_TRUE(slow.asked.front().unwanted.stop_requested());
  slow.open_next();
  EXPECT_THAT(world.observer().left, SizeIs(1));
}

// A file that was removed: what it has open is read on, and a seek, which fails to open it again,
// says so when it is read from.
class GoneSource final : public MediaSource {
 public:
  explicit GoneSource(const SyntheticShape& shape) : inner_(shape) {}
  [[nodiscard]] const std::vector<Track>& tracks() const override { return inner_.tracks(); }
  [[nodiscard]] std::optional<Duration> duration() const override { return inner_.duration(); }
  [[nodiscard]] Result<Reading> next() override {
    if (is_gone_) return failure(ErrorCode::Io, "clip.syn: there is no such file");
    return inner_.next();
  }
  [[nodiscard]] Result<void> seek(MediaTime) override {
    is_gone_ = true;
    return {};
  }

 private:
  SyntheticSource inner_;
  bool is_gone_ = false;
};

class GoneClipTest : public ::testing::Test {
 protected:
  static AsyncMediaOpener opener() {
    return opening_at_once([](const MediaLocation&) -> Result<std::unique_ptr<MediaSource>> {
      return std::make_unique<GoneSource>(kShape);
    });
  }
  static constexpr SyntheticShape kShape{.pictures = 100};  // four seconds
  ServedWorld world_{{}, {{"clip.syn", kShape}}, {}, opener()};
  ServedPlayer& player_ = world_.join_and_greet();
};

TEST_F(GoneClipTest, ASeekThatFailsLaterEndsTheClipAndSaysWhy) {
  player_.play("clip");
  world_.run_for(1s);
  player_.say(wire::Seek{.position = MediaTime(3s)});
  world_.run_for(2s);

  const auto refused = player_.heard<wire::Refused>();
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_THAT(refused[0].message, HasSubstr("there is no such file"));
  const auto ends = player_.heard<wire::EndOfClip>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].epoch, wire::Epoch(0));
}

TEST_F(GoneClipTest, ATurnOfALoopThatFailsEndsTheClipAndSaysWhy) {
  player_.play("clip", 500ms, {}, true);
  world_.run_for(6s);

  EXPECT_THAT(player_.heard<wire::Refused>(), SizeIs(1));
  const auto ends = player_.heard<wire::EndOfClip>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].epoch, wire::Epoch(0));
  EXPECT_FALSE(ends[0].frames.empty());
}

}  // namespace
}  // namespace mayfly
