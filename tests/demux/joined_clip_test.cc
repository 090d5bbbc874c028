// Transport streams whose clock jumps: recordings joined by `cat`, pieces cut out of a broadcast.
#include <gmock/gmock.h>

#include <algorithm>
#include <variant>

#include "demux/libav/libav_source.h"
#include "demux/playout_schedule.h"
#include "tests/demux/ffmpeg_answers.h"
#include "tests/support/made_clip.h"

namespace mayfly {
namespace {

constexpr TrackId kPicture{0};
constexpr TrackId kSound{1};

// Noise, of which no two frames are the same.
std::string recording(int seed, const std::string& seconds, const std::string& of_sound,
                      const std::string& begins_at = "0") {
  return "-f lavfi -i testsrc2=s=96x64:r=25:d=" + seconds +
         " -f lavfi -i anoisesrc=r=48000:d=" + of_sound + ":seed=" + std::to_string(seed) +
         " -c:v mpeg2video -g 10 -bf 2 -c:a mp2 -b:a 128k -output_ts_offset " + begins_at;
}

std::unique_ptr<LibavSource> clip_at(const std::string& file) {
  auto source = LibavSource::open(file);
  EXPECT_TRUE(source) << source.error().message;
  return source ? std::move(*source) : nullptr;
}

std::vector<Frame> all_of(MediaSource& source) {
  std::vector<Frame> frames;
  for (;;) {
    auto reading = source.next();
    EXPECT_TRUE(reading) << reading.error().message;
    if (!reading || !std::holds_alternative<Frame>(*reading)) return frames;
    frames.push_back(std::get<Frame>(std::move(*reading)));
  }
}

std::vector<Frame> those_of(const std::vector<Frame>& frames, TrackId track) {
  std::vector<Frame> own;
  std::ranges::copy_if(frames, std::back_inserter(own),
                       [track](const Frame& frame) { return frame.track == track; });
  return own;
}

// When the frame with that payload is shown.
MediaTime time_within(const std::vector<Frame>& frames, const Frame& wanted) {
  const auto found = std::ranges::find_if(
      frames, [&](const Frame& frame) { return *frame.payload == *wanted.payload; });
  EXPECT_NE(found, frames.end());
  return found == frames.end() ? MediaTime{} : found->pts;
}

// How far the sound of a recording is from its picture, by their last frames.
Duration lag_of_sound(const std::vector<Frame>& recording, const std::vector<Frame>& within) {
  return time_within(those_of(within, kSound), those_of(recording, kSound).back()) -
         time_within(those_of(within, kPicture), those_of(recording, kPicture).back());
}

class JoinedClipTest : public ::testing::Test {
 protected:
  // One behind the other in a file of their own.
  [[nodiscard]] std::string joined(const std::vector<const testing::MadeClip*>& clips) const {
    Bytes all;
    for (const auto* clip : clips) {
      const Bytes bytes = read_file(clip->path().string());
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    const std::string file = folder_.file("joined.ts");
    write_file(file, all);
    return file;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(JoinedClipTest, SoundAndPictureStayTogetherWhereTheSoundEndedEarly) {
  const testing::MadeClip one("a.ts", recording(1, "3", "2.4"));
  const testing::MadeClip other("b.ts", recording(2, "4", "4"));
  const auto own = all_of(*clip_at(other.path().string()));

  const auto frames = all_of(*clip_at(joined({&one, &other})));

  EXPECT_EQ(those_of(frames, kPicture).size(), 175U);
  EXPECT_EQ(lag_of_sound(own, frames), lag_of_sound(own, own));
  for (const TrackId track : {kPicture, kSound}) {
    const auto all = those_of(frames, track);
    for (size_t index = 1; index < all.size(); ++index) {
      EXPECT_LT(all[index - 1].dts, all[index].dts);
      EXPECT_LT(all[index].dts - all[index - 1].dts, 1s);
      EXPECT_GE(all[index].pts, all[index].dts);
    }
  }
}

TEST_F(JoinedClipTest, SoundAndPictureStayTogetherAfterASeekIntoTheSecondRecording) {
  const testing::MadeClip one("a.ts", recording(1, "3", "2.4"));
  const testing::MadeClip other("b.ts", recording(2, "4", "4"));
  const auto own = all_of(*clip_at(other.path().string()));
  const auto source = clip_at(joined({&one, &other}));
  const auto whole = all_of(*source);

  for (const Duration position : {1000ms, 3050ms, 5000ms}) {
    ASSERT_TRUE(source->seek(MediaTime(position)));
    const auto rest = all_of(*source);

    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(lag_of_sound(own, rest), lag_of_sound(own, own)) << position.count();
    const auto pictures = those_of(rest, kPicture);
    EXPECT_LE(pictures.front().pts, MediaTime(position));
    EXPECT_GT(pictures.front().pts, MediaTime(position - 500ms));
    EXPECT_EQ(time_within(whole, pictures.back()), pictures.back().pts);
    for (const Frame& sound : those_of(rest, kSound)) {
      EXPECT_GE(sound.pts, pictures.front().pts);
    }
  }
}

TEST_F(JoinedClipTest, APieceThatIsMissingTakesNoTimeWhetherPlayedOrSoughtPast) {
  const testing::MadeClip one("a.ts", recording(1, "3", "3", "100"));
  const testing::MadeClip other("b.ts", recording(2, "4", "4", "1000"));
  const auto own = all_of(*clip_at(other.path().string()));
  const auto source = clip_at(joined({&one, &other}));
  const auto whole = all_of(*source);

  EXPECT_EQ(lag_of_sound(own, whole), lag_of_sound(own, own));
  PlayoutSchedule schedule(300ms);
  for (Frame frame : whole) {
    const MediaTime told = frame.dts;
    EXPECT_LT(told, MediaTime(8s));
    schedule.place(frame);
    EXPECT_EQ(frame.dts, told) << "a playout finds nothing left to move";
  }
  ASSERT_TRUE(source->seek(MediaTime(5s)));
  const auto rest = all_of(*source);
  ASSERT_FALSE(rest.empty());
  EXPECT_LE(those_of(rest, kPicture).front().pts, MediaTime(5s));
  EXPECT_GT(those_of(rest, kPicture).front().pts, MediaTime(4500ms));
  EXPECT_EQ(time_within(rest, own.back()), time_within(whole, own.back()));
}

TEST_F(JoinedClipTest, SeeksIntoTheSecondOfTwoEqualRecordings) {
  const testing::MadeClip clip("a.ts", recording(1, "3", "3"));
  const auto source = clip_at(joined({&clip, &clip}));
  const auto whole = those_of(all_of(*source), kPicture);

  ASSERT_TRUE(source->seek(MediaTime(4500ms)));
  const auto rest = those_of(all_of(*source), kPicture);

  ASSERT_FALSE(rest.empty());
  EXPECT_LE(rest.size(), 50U);
  EXPECT_EQ(rest.back().pts, whole.back().pts);
}

}  // namespace
}  // namespace mayfly
