// The program over mayfly's own SCTP: with itself at the other end, and with usrsctp.
#include <gmock/gmock.h>

#include <ostream>

#include "tests/integration/program_under_test.h"
#include "tests/integration/transport_under_test.h"
#include "tests/support/made_clip.h"

namespace mayfly::testing {
namespace {

using ::testing::HasSubstr;

const ClipRecipe& kFourSeconds =
    declared({"clip.ts", test_picture(4) + "-c:v mpeg2video -g 10 -bf 2"});

struct Ends {
  TransportChoice server = TransportChoice::Engine;
  TransportChoice player = TransportChoice::Engine;
};
void PrintTo(const Ends& ends, std::ostream* out) {
  *out << to_string(ends.server) << " serves " << to_string(ends.player);
}

class EngineProgramTest : public ::testing::TestWithParam<Ends> {
 protected:
  ~EngineProgramTest() override { set_transport_under_test(usual_); }

 private:
  TransportChoice usual_ = transport_under_test();
};

TEST_P(EngineProgramTest, AllIntraFramesSurviveALossyLink) {
  const MadeClip clip(kFourSeconds);
  const TemporaryFolder folder;
  set_transport_under_test(GetParam().server);
  RunningServer server({clip.path()});
  set_transport_under_test(GetParam().player);

  const Exit exit = run(record(server.url("clip"), folder.file("recorded.mkv"),
                               {"--json", "--impair", "loss=5%,delay=30ms,seed=3"}));

  EXPECT_EQ(exit.status, 0) << exit.standard_error;
  expect_clean(exit);
  const auto stats = json_from(exit.standard_output);
  expect_states_sum_to_sent(stats);
  const auto source = digests_of(probed(clip.path()), "I");
  EXPECT_GE(source.size(), 10U);
  EXPECT_EQ(digests_of(probed(folder.file("recorded.mkv")), "I"), source);
  EXPECT_TRUE(server.program().wait_for_line("why=\"the player said goodbye"));
  server.end();
}

INSTANTIATE_TEST_SUITE_P(Ends, EngineProgramTest,
                         ::testing::Values(Ends{TransportChoice::Engine, TransportChoice::Engine},
                                           Ends{TransportChoice::Engine, TransportChoice::Usrsctp},
                                           Ends{TransportChoice::Usrsctp,
                                                TransportChoice::Engine}));

TEST(EngineAloneTest, NamesAServerThatDoesNotAnswer) {
  const std::string url = "mayfly://127.0.0.1:9/clip";

  const Exit exit =
      run(mayfly({"play", url, "--sink", "none", "--quiet", "--transport", "engine"}));

  EXPECT_EQ(exit.status, 1);
  EXPECT_THAT(sentence_of(exit), HasSubstr("127.0.0.1:9 does not answer"));
}

}  // namespace
}  // namespace mayfly::testing
