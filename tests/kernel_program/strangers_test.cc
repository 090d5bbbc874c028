// MPEG-TS over SCTP with an unmodified ffmpeg at either end, and with ourselves at both.
#include <gmock/gmock.h>
#include <signal.h>

#include "runtime/event_loop.h"
#include "tests/integration/program_under_test.h"
#include "tests/support/made_clip.h"
#include "transport/kernel/kernel_transport.h"

namespace mayfly::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// In MPEG-TS itself, so that frames are the same bytes at every station.
const ClipRecipe& kClip = declared(
    {"strangers.ts", test_picture_and_tone(2) + "-c:v libx264 -g 10 -bf 2 -c:a aac -muxdelay 0"});
const ClipRecipe& kOther = declared({"other.ts", test_picture(1) + "-c:v mpeg2video"});

// ffmpeg alone takes several seconds to start here, and twenty on a busy machine.
constexpr Duration kFfmpegLimit = 100s;

std::string url_at_port(uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

// `mayfly serve CLIP` at an address of MPEG-TS; listening when it is constructed.
class TsServing {
 public:
  TsServing(uint16_t port, const std::string& clip, const std::vector<std::string>& more = {})
      : program_(command(port, clip, more)) {
    EXPECT_TRUE(program_.wait_for_line("listening url=sctp+ts://"))
        << program_.wait(1s).standard_error;
  }
  [[nodiscard]] Program& program() { return program_; }
  // Ends it in good order; its log.
  [[nodiscard]] std::string end() {
    program_.signal(SIGTERM);
    const Exit exit = program_.wait(20s);
    EXPECT_EQ(exit.status, 0) << exit.standard_error;
    expect_clean(exit);
    return exit.standard_error;
  }

 private:
  static std::vector<std::string> command(uint16_t port, const std::string& clip,
                                          const std::vector<std::string>& more) {
    std::vector<std::string> all = {"serve", "--listen", "sctp+ts://" + url_at_port(port), clip};
    all.insert(all.end(), more.begin(), more.end());
    return mayfly(std::move(all));
  }

  Program program_;
};

std::vector<std::string> play_ts(uint16_t port, const std::vector<std::string>& more = {}) {
  std::vector<std::string> all = {
      "play", "sctp+ts://" + url_at_port(port), "--quiet", "--playout-delay", "300ms", "--json"};
  all.insert(all.end(), more.begin(), more.end());
  return mayfly(std::move(all));
}

// What probe tells of every frame of a file: its class and the digest of its bytes.
std::vector<std::string> frames_of(const std::string& file) {
  std::vector<std::string> frames;
  const nlohmann::json probe = probed(file);
  for (const auto& frame : probe["frames"]) {
    frames.push_back(frame["class"].get<std::string>() + " " + frame["sha256"].get<std::string>());
  }
  std::sort(frames.begin(), frames.end());  // containers interleave their tracks as they like
  return frames;
}

TEST(StrangersTest, AnUnmodifiedFfmpegReadsEveryFrameAsItIsServed) {
  const MadeClip clip(kClip);
  const TemporaryFolder folder;
  // Its reader overlooks a shutdown, another ffmpeg's as well.
  TsServing server(9700, clip.path(), {"--ts.ending", "abort"});

  const Exit reader = run({"ffmpeg", "-nostdin", "-v", "error", "-i", "sctp://127.0.0.1:9700",
                           "-map", "0", "-c", "copy", "-y", folder.file("got.ts")},
                          kFfmpegLimit);

  EXPECT_EQ(reader.status, 0) << reader.standard_error;
  EXPECT_THAT(server.end(), AllOf(HasSubstr("reader joined"), HasSubstr("reader left"),
                                  HasSubstr("why=\"the clip is over\"")));
  const auto sent = frames_of(clip.path());
  EXPECT_GT(sent.size(), 100U);  // 50 pictures, and some 94 frames of sound
  EXPECT_EQ(frames_of(folder.file("got.ts")), sent);
}

TEST(StrangersTest, PlaysEveryFrameThatAnUnmodifiedFfmpegSends) {
  const MadeClip clip(kClip);
  const TemporaryFolder folder;
  Program sender({"ffmpeg", "-nostdin", "-v", "error", "-re", "-i", clip.path(), "-map", "0", "-c",
                  "copy", "-f", "mpegts", "sctp://127.0.0.1:9701?listen"});

  // Until ffmpeg listens there is nobody; it says nothing when it does.
  Exit player;
  for (int tries = 0; tries < 200; ++tries) {
    player = run(play_ts(9701, {"--sink", folder.file("got.ts")}), kFfmpegLimit);
    if (player.standard_error.find("nobody listens there") == std::string::npos) break;
  }

  EXPECT_EQ(player.status, 0) << player.standard_error;
  EXPECT_EQ(sender.wait(kFfmpegLimit).status, 0);
  const auto stats = json_from(player.standard_output);
  EXPECT_EQ(stats["complete"], true);
  EXPECT_EQ(stats["transport_stream"]["gaps"], 0);
  EXPECT_GT(stats["transport_stream"]["packets"], 100);
  expect_states_sum_to_sent(stats);
  EXPECT_EQ(frames_of(folder.file("got.ts")), frames_of(clip.path()));
}

TEST(StrangersTest, SeveralReadersGetTheWholeClipEachFromItsStart) {
  const MadeClip clip(kClip);
  const TemporaryFolder folder;
  TsServing server(9702, clip.path());

  Program early(play_ts(9702, {"--sink", folder.file("early.ts")}));
  ASSERT_TRUE(server.program().wait_for_line("sending MPEG-TS reader=1"));
  const Exit late = run(play_ts(9702, {"--sink", folder.file("late.ts")}));
  const Exit first = early.wait();

  EXPECT_EQ(first.status, 0) << first.standard_error;
  EXPECT_EQ(late.status, 0) << late.standard_error;
  for (const char* each : {"early.ts", "late.ts"}) {
    EXPECT_EQ(frames_of(folder.file(each)), frames_of(clip.path())) << each;
  }
  EXPECT_EQ(json_from(late.standard_output)["complete"], true);
  EXPECT_THAT(server.end(), HasSubstr("reader left reader=2"));
}

TEST(StrangersTest, ALoopHasNoEndAndTheServersGoodbyeIsOne) {
  const MadeClip clip(kOther);
  TsServing server(9703, clip.path(), {"--ts.loop", "true"});
  Program player(play_ts(9703, {"--sink", "none"}));
  ASSERT_TRUE(server.program().wait_for_line("sending MPEG-TS reader=1"));
  const Exit stopped = run(play_ts(9703, {"--sink", "none", "--stop-after", "3s"}));
  const std::string log = server.end();
  const Exit ended = player.wait();

  for (const Exit* each : {&stopped, &ended}) {
    EXPECT_EQ(each->status, 0) << each->standard_error;
    const auto stats = json_from(each->standard_output);
    EXPECT_GT(stats["played_ms"], 1500) << "a clip of one second";
    EXPECT_EQ(stats["transport_stream"]["gaps"], 0);
  }
  EXPECT_THAT(log, AllOf(HasSubstr("saying goodbye players=0 readers=1"),
                         HasSubstr("why=\"the server is going down\"")));
}

TEST(StrangersTest, WhatCannotBeIsToldInOneSentence) {
  const MadeClip clip(kClip);
  const MadeClip other(kOther);
  EXPECT_THAT(sentence_of(run(play_ts(9704))), HasSubstr("nobody listens there"));

  const std::string two = "sctp+ts://127.0.0.1:9704";
  const Exit ambiguous = run(mayfly({"serve", "--listen", two, clip.path(), other.path()}));
  EXPECT_EQ(ambiguous.status, 1);
  EXPECT_THAT(sentence_of(ambiguous),
              HasSubstr("2 clips are served, and an MPEG-TS port sends one"));

  TsServing server(9704, clip.path());
  const Exit taken = run(mayfly({"serve", "--listen", two, clip.path()}));
  EXPECT_EQ(taken.status, 1);
  EXPECT_THAT(sentence_of(taken), HasSubstr("another program has this SCTP port"));

  const Exit stranger =
      run(mayfly({"play", "mayfly+sctp://127.0.0.1:9704/strangers", "--sink", "none", "--quiet"}));
  EXPECT_EQ(stranger.status, 1);
  EXPECT_THAT(server.end(), AllOf(HasSubstr("reader dropped"), HasSubstr("takes nothing"),
                                  HasSubstr("dropped_readers=1")));
}

// A sender that is neither ffmpeg nor us: what it says is up to the test.
class Sender {
 public:
  explicit Sender(uint16_t port) {
    auto transport = KernelTransport::create(loop_, loop_, loop_, {});
    EXPECT_TRUE(transport) << transport.error().message;
    transport_ = std::move(*transport);
    auto listener = transport_->listen({{IpEndpoint::loopback_v4(port)}});
    EXPECT_TRUE(listener) << listener.error().message;
    listener_ = std::move(*listener);
    listener_->set_acceptor([this](std::unique_ptr<Association> accepted) {
      association_ = std::move(accepted);
      association_->set_observer(&silent_);
    });
  }
  // Sends this to the player under test, and then does what `then` says.
  void send(const Bytes& bytes, const std::function<void(Association&)>& then) {
    ASSERT_TRUE(loop_.run_until([this] { return association_ != nullptr; }, 20s));
    ASSERT_TRUE(association_->send({StreamId(0), Ppid(0), bytes}, {}));
    ASSERT_TRUE(loop_.run_until([this] { return association_->buffered_bytes() == 0; }, 20s));
    then(*association_);
    static_cast<void>(loop_.run_until([this] { return silent_.closed; }, 5s));
  }

 private:
  struct Silent final : Association::Observer {
    void on_connected() override {}
    void on_message(Message) override {}
    void on_message_abandoned(MessageId, Abandonment) override {}
    void on_send_buffer_low() override {}
    void on_closed(const Error&) override { closed = true; }
    bool closed = false;
  };

  EventLoop loop_;
  Silent silent_;
  std::unique_ptr<KernelTransport> transport_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Association> association_;
};

TEST(StrangersTest, TellsWhatIsNoMpegTsAndWhatBreaksOff) {
  const MadeClip clip(kOther);
  const std::string content = content_of(clip.path());
  const ByteView stream = as_bytes(content);
  const Bytes whole(stream.begin(), stream.end());
  const auto shut_down = [](Association& association) { association.shutdown(); };
  const auto abort = [](Association& association) { association.abort("killed"); };
  struct Case {
    Bytes bytes;
    std::function<void(Association&)> then;
    const char* expected;
  };
  const Case cases[] = {
      {Bytes(100'000, std::byte{'x'}), shut_down, "is no MPEG-TS: give its sender -f mpegts"},
      {whole, abort, "the stream broke off: aborted by the peer"},
      {Bytes(stream.begin(), stream.end() - 50), shut_down, "in the middle of a packet"},
      {Bytes(stream.begin(), stream.begin() + 300), abort, "aborted by the peer"},
  };
  uint16_t port = 9710;
  for (const Case& each : cases) {
    Sender sender(port);
    Program player(play_ts(port++, {"--sink", "none"}));
    sender.send(each.bytes, each.then);
    const Exit exit = player.wait();
    EXPECT_EQ(exit.status, 1);
    EXPECT_THAT(sentence_of(exit), HasSubstr(each.expected));
  }
}

}  // namespace
}  // namespace mayfly::testing
