#include "server/clip_catalogue.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "demux/synthetic_source.h"

namespace mayfly {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A clip whose header is larger than a message may be.
class HeadySource final : public MediaSource {
 public:
  HeadySource() : tracks_(inner_.tracks()) { tracks_.front().extradata = Bytes(300 << 10); }
  [[nodiscard]] const std::vector<Track>& tracks() const override { return tracks_; }
  [[nodiscard]] std::optional<Duration> duration() const override { return inner_.duration(); }
  [[nodiscard]] Result<Reading> next() override { return inner_.next(); }
  [[nodiscard]] Result<void> seek(MediaTime position) override { return inner_.seek(position); }

 private:
  SyntheticSource inner_{SyntheticShape{.pictures = 50}};
  std::vector<Track> tracks_;
};

// Opens whatever ends in ".clip" or is live.
Result<std::unique_ptr<MediaSource>> open(const MediaLocation& location) {
  if (!location.is_live && !location.place.ends_with(".clip")) {
    return failure(ErrorCode::Malformed, location.place + ": not a media file");
  }
  if (location.place.ends_with("heady.clip")) return std::make_unique<HeadySource>();
  return std::make_unique<SyntheticSource>(SyntheticShape{.pictures = 50});
}

class ClipCatalogueTest : public ::testing::Test {
 protected:
  ClipCatalogueTest() : folder_(fs::path(::testing::TempDir()) / unique_name()) {
    fs::create_directories(folder_);
  }
  ~ClipCatalogueTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& name) const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "x";
    return path.string();
  }
  ClipCatalogue collect(const std::vector<std::string>& media,
                        const ClipCatalogueOptions& options = {}) {
    return ClipCatalogue::collect(media, open, problems_, options);
  }
  static std::vector<std::string> names(const ClipCatalogue& catalogue) {
    std::vector<std::string> names;
    for (const auto& [name, clip] : catalogue.clips()) names.push_back(name);
    return names;
  }

  const fs::path folder_;
  ClipCatalogue::Problems problems_;

 private:
  static std::string unique_name() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string("mayfly-") + test->name() + "-" + std::to_string(::getpid());
  }
};

TEST_F(ClipCatalogueTest, WhatNoMessageHoldsIsLeftOutWithTheReason) {
  const ClipCatalogue catalogue = collect({file("a.clip"), file("heady.clip")});

  EXPECT_THAT(names(catalogue), ElementsAre("a.clip"));
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0].message, HasSubstr("heady.clip: "));
  EXPECT_THAT(problems_[0].message, HasSubstr("extradata"));
}

TEST_F(ClipCatalogueTest, CallsAFileByItsNameAndFindsItWithoutItsExtension) {
  const auto catalogue = collect({file("deep/holiday.clip")});

  EXPECT_THAT(names(catalogue), ElementsAre("holiday.clip"));
  for (const char* name : {"holiday.clip", "holiday", "/holiday", "//holiday.clip"}) {
    ASSERT_TRUE(catalogue.find(name)) << name;
  }
  const Clip& clip = **catalogue.find("holiday");
  EXPECT_EQ(clip.duration, 2s);
  EXPECT_THAT(clip.tracks, SizeIs(1));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(ClipCatalogueTest, TakesAFolderWithAllThatIsInItButHiddenFiles) {
  file("a.clip");
  file("sub/b.clip");
  file("sub/deeper/c.clip");
  file(".hidden.clip");
  file(".git/d.clip");

  const auto catalogue = collect({folder_.string()});

  EXPECT_THAT(names(catalogue), ElementsAre("a.clip", "sub/b.clip", "sub/deeper/c.clip"));
  EXPECT_TRUE(catalogue.find("sub/deeper/c"));
  EXPECT_EQ(names(collect({folder_.string() + "/"})), names(catalogue));
}

TEST_F(ClipCatalogueTest, LeavesOutWhatIsNoMediaWithASentence) {
  file("a.clip");
  file("notes.txt");

  const auto catalogue = collect({folder_.string(), (folder_ / "nothing.clip").string()});

  EXPECT_THAT(names(catalogue), ElementsAre("a.clip"));
  ASSERT_THAT(problems_, SizeIs(2));
  EXPECT_THAT(problems_[0].message, HasSubstr("notes.txt: not a media file"));
  EXPECT_EQ(problems_[1].code, ErrorCode::NotFound);
  EXPECT_THAT(problems_[1].message, HasSubstr("nothing.clip: no such file or folder"));
}

TEST_F(ClipCatalogueTest, AShortNameMustBeUnambiguous) {
  const auto catalogue = ClipCatalogue::of({{"a.mp4", {}, {}, {}}, {"a.mkv", {}, {}, {}}});

  EXPECT_EQ(catalogue.find("a").error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(catalogue.find("a").error().message, HasSubstr("a.mkv, a.mp4"));
  EXPECT_TRUE(catalogue.find("a.mkv"));
}

TEST_F(ClipCatalogueTest, ReportsTwoFilesOfOneName) {
  const auto catalogue = collect({file("x/a.clip"), file("y/a.clip"), file("x/a.clip")});

  EXPECT_THAT(names(catalogue), ElementsAre("a.clip"));
  ASSERT_THAT(problems_, SizeIs(1)) << "the same file twice is no problem";
  EXPECT_THAT(problems_[0].message, HasSubstr("is taken by"));
}

TEST_F(ClipCatalogueTest, NeverLeavesTheClipsItKnows) {
  const std::string outside = file("outside.clip");
  file("inside/a.clip");
  const auto catalogue = collect({(folder_ / "inside").string()});

  for (const std::string& name :
       {std::string("../outside.clip"), std::string("../outside"), outside, std::string("./a.clip"),
        std::string("inside/../a.clip"), std::string(""), std::string("/"), std::string("."),
        std::string("a.clip\0", 7)}) {
    EXPECT_EQ(catalogue.find(name).error().code, ErrorCode::NotFound) << name;
  }
}

TEST_F(ClipCatalogueTest, TakesLiveInputsByTheNameTheyAreGiven) {
  const auto catalogue = collect({"cam=rtsp://camera.example/1", "udp://239.0.0.1:5000"});

  ASSERT_TRUE(catalogue.find("cam"));
  EXPECT_EQ((*catalogue.find("cam"))->location, (MediaLocation{"rtsp://camera.example/1", true}));
  EXPECT_FALSE((*catalogue.find("cam"))->duration);
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_THAT(problems_[0].message, HasSubstr("camera=udp://239.0.0.1:5000"));
}

TEST_F(ClipCatalogueTest, AFileMayHaveAnEqualsSignInItsName) {
  const auto catalogue = collect({file("a=b.clip")});

  EXPECT_THAT(names(catalogue), ElementsAre("a=b.clip"));
}

TEST_F(ClipCatalogueTest, DoesNotFollowLinksInACircle) {
  file("a.clip");
  fs::create_directory_symlink(folder_, folder_ / "again");

  EXPECT_THAT(names(collect({folder_.string()})), ElementsAre("a.clip"));
}

TEST_F(ClipCatalogueTest, RefusesNamesThatAreNoText) {
  const auto catalogue = collect({file("bad\xff.clip"), file("good.clip")});

  EXPECT_THAT(names(catalogue), ElementsAre("good.clip"));
  EXPECT_THAT(problems_, SizeIs(1));
}

TEST_F(ClipCatalogueTest, IsBounded) {
  for (int i = 0; i < 5; ++i) file(std::to_string(i) + ".clip");

  const auto catalogue = collect({folder_.string()}, {.most_clips = 3});

  EXPECT_THAT(names(catalogue), SizeIs(3));
  ASSERT_THAT(problems_, SizeIs(1));
  EXPECT_EQ(problems_[0].code, ErrorCode::Exhausted);
}

TEST_F(ClipCatalogueTest, SaysWhatThereIs) {
  EXPECT_THAT(ClipCatalogue().find("x").error().message, HasSubstr("there are: none"));
  const auto catalogue = collect({file("only.clip")});
  EXPECT_THAT(catalogue.find("x").error().message, HasSubstr("there is: only.clip"));
}

}  // namespace
}  // namespace mayfly
