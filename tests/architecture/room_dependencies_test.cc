#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/architecture/room_rules.h"

namespace mayfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Problems problems_of(const std::string& path, const std::string& text) {
  return include_problems(source_file(path, text));
}

TEST(RoomDependenciesTest, HoldInTheWholeTree) {
  const auto files = read_tree(MAYFLY_SOURCE_ROOT);
  ASSERT_GT(files.size(), 50U) << "is " << MAYFLY_SOURCE_ROOT << " the repository?";
  for (const SourceFile& file : files) EXPECT_THAT(include_problems(file), IsEmpty());
}

TEST(RoomDependenciesTest, AllowWhatTheTableAllows) {
  EXPECT_THAT(problems_of("server/session.cc", "#include \"wire/control.h\"\n"), IsEmpty());
  EXPECT_THAT(problems_of("core/frame.h", "#include \"core/bytes.h\"\n"), IsEmpty());
  EXPECT_THAT(problems_of("cli/play.cc", "#include \"client/playback.h\"\n"), IsEmpty());
  EXPECT_THAT(problems_of("tests/wire/x_test.cc", "#include \"server/session.h\"\n"), IsEmpty());
}

TEST(RoomDependenciesTest, RefuseAnArrowThatPointsUp) {
  EXPECT_THAT(problems_of("core/frame.h", "\n#include \"wire/control.h\"\n"),
              ElementsAre("core/frame.h:2: core must not know wire (wire/control.h)"));
  EXPECT_THAT(problems_of("transport/message.h", "#include \"demux/media_source.h\"\n"),
              ElementsAre(HasSubstr("transport must not know demux")));
  EXPECT_THAT(problems_of("server/x.cc", "  #  include \"runtime/event_loop.h\"\n"),
              ElementsAre(HasSubstr("server must not know runtime")));
  EXPECT_THAT(problems_of("lab/x.cc", "#include \"cli/command.h\"\n"),
              ElementsAre(HasSubstr("lab must not know cli")));
}

TEST(RoomDependenciesTest, RefuseProductionCodeThatKnowsTests) {
  EXPECT_THAT(problems_of("wire/x.cc", "#include \"tests/support/hex.h\"\n"),
              ElementsAre(HasSubstr("wire must not know tests")));
}

TEST(RoomDependenciesTest, RefuseARoomWithoutARow) {
  EXPECT_THAT(problems_of("attic/x.cc", "#include \"core/bytes.h\"\n"),
              ElementsAre(HasSubstr("the room attic has no row")));
}

TEST(RoomDependenciesTest, RefuseAPathThatIsNotFromTheRoot) {
  EXPECT_THAT(problems_of("wire/x.cc", "#include \"control.h\"\n"),
              ElementsAre(HasSubstr("is not a path from the root")));
  EXPECT_THAT(problems_of("wire/x.cc", "#include \"../core/bytes.h\"\n"),
              ElementsAre(HasSubstr("is not a path from the root")));
  EXPECT_THAT(problems_of("wire/x.cc", "#include <core/bytes.h>\n"),
              ElementsAre(HasSubstr("write it in quotes")));
}

struct Foreign {
  const char* header;
  const char* home;
};
void PrintTo(const Foreign& foreign, std::ostream* out) { *out << foreign.header; }

class ForeignHeaderTest : public testing::TestWithParam<Foreign> {};

TEST_P(ForeignHeaderTest, IsKnownInItsFolderAndInTestsOnly) {
  const std::string text = "#include <" + std::string(GetParam().header) + ">\n";

  EXPECT_THAT(problems_of(GetParam().home, text), IsEmpty());
  EXPECT_THAT(problems_of("tests/server/x_test.cc", text), IsEmpty());
  EXPECT_THAT(problems_of("server/x.cc", text), ElementsAre(HasSubstr(GetParam().header)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ForeignHeaderTest,
    testing::Values(Foreign{"libavformat/avformat.h", "demux/libav/libav_source.cc"},
                    Foreign{"libavcodec/packet.h", "mux/recorder.h"},
                    Foreign{"netinet/sctp.h", "transport/kernel/sctp_socket.cc"},
                    Foreign{"srt/srt.h", "lab/real/srt_route.cc"},
                    Foreign{"usrsctp.h", "transport/usrsctp/usrsctp_stack.h"},
                    Foreign{"openssl/hmac.h", "transport/sctp/packet/cookie/hmac_sha256.cc"},
                    Foreign{"asio/io_context.hpp", "runtime/event_loop.cc"},
                    Foreign{"gst/gst.h", "client/gst/gst_player.cc"},
                    Foreign{"toml++/toml.h", "config/toml_document.cc"},
                    Foreign{"google/protobuf/message.h", "wire/control.cc"},
                    Foreign{"CLI/App.hpp", "cli/play.cc"},
                    Foreign{"gtest/gtest.h", "tests/support/x.h"}));

TEST(RoomDependenciesTest, KeepGeneratedHeadersInTheSourcesOfWire) {
  EXPECT_THAT(problems_of("wire/control.cc", "#include \"control.pb.h\"\n"), IsEmpty());
  EXPECT_THAT(problems_of("server/x.cc", "#include \"control.pb.h\"\n"),
              ElementsAre(HasSubstr("belongs in wire/*.cc alone")));
  EXPECT_THAT(problems_of("wire/control.h", "#include \"control.pb.h\"\n"),
              ElementsAre(HasSubstr("belongs in wire/*.cc alone")));
}

}  // namespace
}  // namespace mayfly
