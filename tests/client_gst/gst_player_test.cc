#include "client/gst/gst_player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "demux/libav/libav_source.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::MadeClip;
using testing::test_picture;
using testing::test_picture_and_tone;

// The loop, as far as a player sees it: runs what was posted when the test says so, and waits for
// the next thing to be posted, at most until a moment.
class PostedWork final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    works_.push_back(std::move(work));
    changed_.notify_all();
  }
  void run_until(Timestamp until, const Clock& clock) {
    for (;;) {
      std::unique_lock lock(mutex_);
      const Duration left = until - clock.now();
      if (left <= Duration::zero()) return;
      if (!changed_.wait_for(lock, left, [&] { return !works_.empty(); })) return;
      const auto work = std::move(works_.front());
      works_.pop_front();
      lock.unlock();
      work();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> works_;
};

struct Clip {
  std::vector<Track> tracks;
  std::vector<Frame> frames;

  [[nodiscard]] size_t pictures() const {
    return static_cast<size_t>(std::count_if(frames.begin(), frames.end(), [](const Frame& each) {
      return each.frame_class != FrameClass::Audio;
    }));
  }
};

Clip read_clip(const std::filesystem::path& file) {
  Clip clip;
  auto source = LibavSource::open(file.string());
  if (!source) {
    ADD_FAILURE() << source.error().message;
    return clip;
  }
  clip.tracks = (*source)->tracks();
  for (auto reading = (*source)->next(); reading && std::holds_alternative<Frame>(*reading);
       reading = (*source)->next()) {
    clip.frames.push_back(std::get<Frame>(std::move(*reading)));
  }
  return clip;
}

// A player with sinks that show nothing but keep time as real ones do.
class GstPlayerTest : public ::testing::Test {
 protected:
  void create_player() {
    GstPlayerOptions options;
    options.video_sink = "fakesink sync=true";
    options.audio_sink = "fakesink sync=true";
    auto created = GstPlayer::create(
        options, clock_, loop_,
        {.on_ended = [this](const Error& error) { ended_.push_back(error); },
         .on_warning = [this](const std::string& text) { warnings_.push_back(text); }});
    ASSERT_TRUE(created.has_value()) << created.error().message;
    player_ = std::move(*created);
  }

  // Hands each frame over when it is due, `from` being when the first one is.
  void play(const std::vector<Frame>& frames, Timestamp from) {
    for (const Frame& frame : frames) {
      const Timestamp due = from + (frame.dts - frames.front().dts);
      loop_.run_until(due, clock_);
      const auto consumed = player_->consume(frame, due);
      ASSERT_TRUE(consumed.has_value()) << consumed.error().message;
    }
  }

  SteadyClock clock_;
  PostedWork loop_;
  std::unique_ptr<GstPlayer> player_;
  std::vector<Error> ended_;
  std::vector<std::string> warnings_;
};

struct Coding {
  std::string name;
  std::string file;
  std::string options;
  bool sound;
};
void PrintTo(const Coding& coding, std::ostream* out) { *out << coding.name; }

class GstPlayerCodecTest : public GstPlayerTest, public ::testing::WithParamInterface<Coding> {};

TEST_P(GstPlayerCodecTest, ShowsEveryPictureOfAClip) {
  const Coding& coding = GetParam();
  const MadeClip made(coding.file,
                      (coding.sound ? test_picture_and_tone(1) : test_picture(1)) + coding.options);
  const Clip clip = read_clip(made.path());
  ASSERT_GE(clip.pictures(), 20U);
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());

  play(clip.frames, clock_.now());
  ASSERT_TRUE(player_->finish().has_value());

  const GstPlayerStats stats = player_->stats();
  EXPECT_THAT(warnings_, ::testing::IsEmpty());
  EXPECT_THAT(ended_, ::testing::IsEmpty());
  EXPECT_EQ(stats.pictures_shown + stats.pictures_dropped_late, clip.pictures());
  // A machine that is busy with other tests may be late now and then.
  EXPECT_GE(stats.pictures_shown, clip.pictures() / 2);
  EXPECT_GE(stats.sounds_played, coding.sound ? 5U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Codecs, GstPlayerCodecTest,
    ::testing::Values(
        Coding{"Mpeg1AndMp2InProgramStream", "a.mpg", "-c:v mpeg1video -bf 2 -c:a mp2", true},
        Coding{"Mpeg2AndMp2InTransportStream", "a.ts", "-c:v mpeg2video -bf 2 -c:a mp2", true},
        Coding{"Mpeg4AndMp3InAvi", "a.avi", "-c:v mpeg4 -bf 2 -c:a libmp3lame", true},
        Coding{"H264AndAacInMp4", "a.mp4", "-c:v libx264 -preset ultrafast -bf 2 -c:a aac", true},
        Coding{"H264AndAacInTransportStream", "a.ts",
               "-c:v libx264 -preset ultrafast -bf 2 -c:a aac", true},
        Coding{"HevcInMp4", "a.mp4",
               "-c:v libx265 -preset ultrafast -x265-params log-level=none:bframes=2", false},
        Coding{"HevcAndAc3InTransportStream", "a.ts",
               "-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a ac3", true},
        Coding{"Vp8AndVorbisInWebm", "a.webm", "-c:v libvpx -deadline realtime -c:a libvorbis",
               true},
        Coding{"Vp9AndOpusInWebm", "a.webm",
               "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus", true},
        Coding{"Av1AndFlacInMatroska", "a.mkv",
               "-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a flac", true},
        Coding{"TheoraAndVorbisInOgg", "a.ogv", "-c:v libtheora -c:a libvorbis", true},
        Coding{"TheoraAndVorbisInMatroska", "a.mkv", "-c:v libtheora -c:a libvorbis", true},
        Coding{"MjpegAndPcmInAvi", "a.avi", "-pix_fmt yuvj420p -c:v mjpeg -c:a pcm_s16le", true},
        Coding{"Msmpeg4AndWmaInAvi", "a.avi", "-c:v msmpeg4 -c:a wmav2", true},
        Coding{"Wmv2InAsf", "a.asf", "-c:v wmv2 -c:a wmav2", true},
        Coding{"H263InFlash", "a.flv", "-c:v flv -c:a pcm_s16le -ar 44100", true}),
    [](const auto& each) { return each.param.name; });

TEST_F(GstPlayerTest, GoesOnAfterFramesThatNeverCame) {
  const MadeClip made("a.mp4", test_picture(2) + "-c:v libx264 -preset ultrafast -bf 2 -g 10");
  Clip clip = read_clip(made.path());
  // A whole GOP but its keyframe, and here and there a picture nothing depends on.
  std::erase_if(clip.frames, [](const Frame& frame) {
    return (frame.gop == 2 && !frame.keyframe) ||
           (frame.frame_class == FrameClass::B && frame.number.value() % 3 == 0);
  });
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());

  play(clip.frames, clock_.now());
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_THAT(ended_, ::testing::IsEmpty());
  const GstPlayerStats stats = player_->stats();
  EXPECT_GE(stats.pictures_shown + stats.pictures_dropped_late, clip.pictures() * 9 / 10);
}

TEST_F(GstPlayerTest, ShowsAPictureWhenItIsDueAndNotBefore) {
  const MadeClip made("a.mp4", test_picture(1) + "-c:v libx264 -preset ultrafast -bf 2");
  const Clip clip = read_clip(made.path());
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());
  const Timestamp from = clock_.now() + 300ms;

  // All at once: the sink alone keeps the time.
  for (const Frame& frame : clip.frames) {
    ASSERT_TRUE(player_->consume(frame, from + (frame.dts - clip.frames.front().dts)).has_value());
  }
  loop_.run_until(from, clock_);
  EXPECT_LE(player_->stats().pictures_shown, 1U);
  ASSERT_TRUE(player_->finish().has_value());

  const Duration reordering = clip.frames.front().pts - clip.frames.front().dts;
  EXPECT_GE(clock_.now() - from, 960ms + reordering);
  EXPECT_EQ(player_->stats().pictures_shown, 25U);
}

TEST_F(GstPlayerTest, StandsStillWhilePausedAndLosesNothing) {
  const MadeClip made("a.mp4", test_picture(1) + "-c:v mpeg4 -bf 0");
  const Clip clip = read_clip(made.path());
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());
  const Timestamp from = clock_.now() + 100ms;
  for (const Frame& frame : clip.frames) {
    ASSERT_TRUE(player_->consume(frame, from + (frame.dts - clip.frames.front().dts)).has_value());
  }
  loop_.run_until(from + 300ms, clock_);

  player_->pause();
  loop_.run_until(clock_.now() + 50ms, clock_);
  const uint64_t shown = player_->stats().pictures_shown;
  const Timestamp paused = clock_.now();
  loop_.run_until(paused + 1s, clock_);
  EXPECT_LE(player_->stats().pictures_shown, shown + 1);
  player_->resume();
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_GE(clock_.now() - from, 1960ms);
  // The one that is just being shown when the pause begins may not be counted.
  EXPECT_GE(player_->stats().pictures_shown, 24U);
}

TEST_F(GstPlayerTest, ThrowsAwayWhatIsNotShownAtADiscontinuityAndGoesOn) {
  const MadeClip made("a.mp4",
                      test_picture_and_tone(1) + "-c:v libx264 -preset ultrafast -bf 2 -c:a aac");
  const Clip clip = read_clip(made.path());
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());
  // Far in the future: none of it is ever due.
  for (const Frame& frame : clip.frames) {
    ASSERT_TRUE(player_->consume(frame, clock_.now() + 60s).has_value());
  }
  loop_.run_until(clock_.now() + 200ms, clock_);

  player_->discontinuity();
  play(clip.frames, clock_.now());
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_GE(player_->stats().pictures_shown, 20U);
  EXPECT_LE(player_->stats().pictures_shown, 27U);
}

// The decoder is looked for when the first frame comes, which takes a while; a busy machine loses
// this race everywhere.
TEST_F(GstPlayerTest, ShowsAClipThatEndsBeforeItsDecoderIsFound) {
  const MadeClip made("a.mp4", test_picture(1) + "-c:v libx264 -preset ultrafast -bf 2");
  const Clip clip = read_clip(made.path());
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());
  const Timestamp from = clock_.now() + 500ms;
  for (const Frame& frame : clip.frames) {
    ASSERT_TRUE(player_->consume(frame, from + (frame.dts - clip.frames.front().dts)).has_value());
  }
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_THAT(ended_, ::testing::IsEmpty());
  EXPECT_EQ(player_->stats().pictures_shown, 25U);
}

TEST_F(GstPlayerTest, ThrowsAwayWhatComesBeforeItsDecoderIsFound) {
  const MadeClip made("a.mp4",
                      test_picture_and_tone(1) + "-c:v libx264 -preset ultrafast -bf 2 -c:a aac");
  const Clip clip = read_clip(made.path());
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());
  for (int i = 0; i < 3; ++i) {
    for (const Frame& frame : clip.frames) {
      ASSERT_TRUE(player_->consume(frame, clock_.now() + 60s).has_value());
    }
    player_->discontinuity();
  }
  play(clip.frames, clock_.now() + 500ms);
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_THAT(ended_, ::testing::IsEmpty());
  EXPECT_EQ(player_->stats().pictures_shown, 25U);
}

TEST_F(GstPlayerTest, EndsAtOnceWhenNothingWasConsumed) {
  Track track;
  track.codec = "mpeg2video";
  create_player();
  ASSERT_TRUE(player_->start({track}).has_value());

  const Timestamp before = clock_.now();
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_LT(clock_.now() - before, 900ms);
}

TEST_F(GstPlayerTest, NamesACodecItCannotPlay) {
  Track track;
  track.codec = "hap";
  create_player();

  const auto started = player_->start({track});

  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(started.error().message, HasSubstr("hap cannot be shown"));
}

TEST_F(GstPlayerTest, PlaysThePictureWhenTheSoundCannotBePlayed) {
  const MadeClip made("a.mp4", test_picture(1) + "-c:v mpeg4");
  Clip clip = read_clip(made.path());
  Track sound;
  sound.id = TrackId(9);
  sound.kind = TrackKind::Audio;
  sound.codec = "atrac9";
  clip.tracks.push_back(sound);
  create_player();

  ASSERT_TRUE(player_->start(clip.tracks).has_value());
  play(clip.frames, clock_.now());
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_THAT(warnings_, ::testing::ElementsAre(HasSubstr("atrac9")));
  EXPECT_EQ(player_->stats().pictures_shown + player_->stats().pictures_dropped_late, 25U);
}

TEST_F(GstPlayerTest, SurvivesFramesOfRubbish) {
  const MadeClip made("a.mp4", test_picture(1) + "-c:v libx264 -preset ultrafast");
  Clip clip = read_clip(made.path());
  for (Frame& frame : clip.frames) {
    if (frame.number.value() % 5 == 4) {
      frame.payload = std::make_shared<const Bytes>(frame.bytes(), std::byte{0x5a});
    }
  }
  create_player();
  ASSERT_TRUE(player_->start(clip.tracks).has_value());

  play(clip.frames, clock_.now());
  ASSERT_TRUE(player_->finish().has_value());

  EXPECT_THAT(ended_, ::testing::IsEmpty());
  EXPECT_GE(player_->stats().pictures_shown, 10U);
}

TEST(GstPlayerCreationTest, SaysThatThereIsNoDisplay) {
  unsetenv("DISPLAY");
  unsetenv("WAYLAND_DISPLAY");
  SteadyClock clock;
  PostedWork loop;

  const auto created = GstPlayer::create({}, clock, loop, {});

  ASSERT_FALSE(created.has_value());
  EXPECT_EQ(created.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(created.error().message, AllOf(HasSubstr("no display"), HasSubstr("--sink none")));
}

TEST(GstPlayerCreationTest, SaysThatADisplayDoesNotOpen) {
  setenv("DISPLAY", ":987", 1);
  unsetenv("WAYLAND_DISPLAY");
  SteadyClock clock;
  PostedWork loop;

  const auto created = GstPlayer::create({}, clock, loop, {});

  ASSERT_FALSE(created.has_value());
  EXPECT_THAT(created.error().message, HasSubstr("no window opens on display :987"));
}

TEST(GstPlayerCreationTest, NamesASinkThatIsNotInstalled) {
  SteadyClock clock;
  PostedWork loop;
  GstPlayerOptions options;
  options.video_sink = "nosuchsink";

  const auto created = GstPlayer::create(options, clock, loop, {});

  ASSERT_FALSE(created.has_value());
  EXPECT_THAT(created.error().message, HasSubstr("nosuchsink"));
}

}  // namespace
}  // namespace mayfly
