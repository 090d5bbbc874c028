#include "client/gst/coded_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/gst/gst_elements.h"
#include "client/gst/xiph_headers.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

class CodedFormatTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(initialize_gst().has_value()); }

  static std::string caps_of(const std::string& codec, const Bytes& extradata) {
    Track track;
    track.codec = codec;
    track.extradata = extradata;
    const auto format = coded_format(track);
    if (!format) return "error: " + format.error().message;
    return GlibText(gst_caps_to_string(format->caps.get())).get();
  }
};

TEST_F(CodedFormatTest, TellsLengthsFromStartCodesByTheParameters) {
  EXPECT_THAT(caps_of("h264", bytes_of("\x01\x64zzzzzz")),
              AllOf(HasSubstr("stream-format=(string)avc"), HasSubstr("codec_data")));
  EXPECT_THAT(caps_of("h264", Bytes{{}, {}, {}, std::byte{1}, std::byte{0x67}}),
              AllOf(HasSubstr("byte-stream"), Not(HasSubstr("codec_data"))));
  EXPECT_THAT(caps_of("hevc", {}), HasSubstr("byte-stream"));
}

TEST_F(CodedFormatTest, TellsBareAacFromAdtsByTheParameters) {
  EXPECT_THAT(caps_of("aac", bytes_of("\x12\x10")), HasSubstr("stream-format=(string)raw"));
  EXPECT_THAT(caps_of("aac", {}), HasSubstr("stream-format=(string)adts"));
}

TEST_F(CodedFormatTest, SaysThatACodecIsNotKnown) {
  EXPECT_THAT(caps_of("hap", {}), HasSubstr("hap cannot be shown"));
}

TEST_F(CodedFormatTest, SaysThatHeadersAreMissing) {
  EXPECT_THAT(caps_of("vorbis", {}), HasSubstr("vorbis: the track's three codec headers"));
  EXPECT_THAT(caps_of("flac", bytes_of("short")), HasSubstr("flac: the track has no STREAMINFO"));
}

TEST_F(CodedFormatTest, FindsNothingMissingWhereThePackagesAreInstalled) {
  for (const MissingElement& each : missing_gst_elements()) {
    ADD_FAILURE() << each.element << " from " << each.package;
  }
}

TEST(XiphHeadersTest, SplitsHeadersBehindTheirLengths) {
  const auto headers = split_xiph_headers(Bytes{{},
                                                std::byte{1},
                                                std::byte{'a'},
                                                {},
                                                std::byte{2},
                                                std::byte{'b'},
                                                std::byte{'c'},
                                                {},
                                                std::byte{1},
                                                std::byte{'d'}});

  ASSERT_TRUE(headers.has_value());
  EXPECT_EQ(*headers, (std::vector<Bytes>{bytes_of("a"), bytes_of("bc"), bytes_of("d")}));
}

TEST(XiphHeadersTest, SplitsLacedHeaders) {
  Bytes laced = {std::byte{2}, std::byte{1}, std::byte{255}, std::byte{45}};
  laced.resize(laced.size() + 1, std::byte{'a'});
  laced.resize(laced.size() + 300, std::byte{'b'});
  laced.resize(laced.size() + 7, std::byte{'c'});

  const auto headers = split_xiph_headers(laced);

  ASSERT_TRUE(headers.has_value());
  EXPECT_EQ((*headers)[0].size(), 1U);
  EXPECT_EQ((*headers)[1].size(), 300U);
  EXPECT_EQ((*headers)[2].size(), 7U);
}

TEST(XiphHeadersTest, RefusesWhatBreaksOff) {
  EXPECT_FALSE(split_xiph_headers({}).has_value());
  EXPECT_FALSE(split_xiph_headers(Bytes(1, std::byte{2})).has_value());
  EXPECT_FALSE(split_xiph_headers(Bytes(40, std::byte{255})).has_value());
  EXPECT_FALSE(split_xiph_headers(Bytes{std::byte{2}, std::byte{9}, std::byte{9}, std::byte{'x'}})
                   .has_value());
}

}  // namespace
}  // namespace mayfly
