#include "server/ts_server.h"

#include <gmock/gmock.h>

#include "demux/ts_scanner.h"
#include "tests/server/ts_world.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr SyntheticShape kFourSeconds{.pictures = 100, .with_audio = true};

TsFigures figures_of(const Bytes& stream) {
  TsScanner scanner;
  scanner.add(stream);
  return scanner.figures();
}

LoopbackOptions network_to_reader(const LoopbackLink& link) {
  LoopbackOptions options;
  options.to_client = link;
  return options;
}

TsServerOptions by_class() {
  TsServerOptions options;
  options.feed.delivery = TsDelivery::ByClass;
  return options;
}

TEST(TsServerTest, AReaderGetsEveryByteInOrderAtThePaceOfTheClipAndThenTheEnd) {
  TsWorld world({}, kFourSeconds, network_to_reader({.delay = 20ms, .loss = 0.05}));
  TsReader& reader = world.join();
  world.run_for(2s);
  EXPECT_EQ(world.observer.started, 1U);
  // Half of the clip in half of the time; an I frame more or less is a fifth of a second.
  const size_t whole = world.muxed().size();
  EXPECT_NEAR(static_cast<double>(reader.stream.size()), static_cast<double>(whole) / 2,
              static_cast<double>(whole) / 10);
  world.run_for(4s);

  EXPECT_EQ(reader.stream, world.muxed());
  for (const auto& [at, message] : reader.messages) {
    // 1200 bytes fit a chunk of this path: six packets.
    ASSERT_LE(message.payload.size(), 6 * kTsPacketBytes);
    ASSERT_EQ(message.payload.size() % kTsPacketBytes, 0U);
    ASSERT_EQ(message.stream, StreamId(0));
  }
  ASSERT_TRUE(reader.closed);
  EXPECT_EQ(reader.closed->code, ErrorCode::Closed) << reader.closed->message;
  ASSERT_THAT(world.observer.left, SizeIs(1));
  const auto& [stats, why] = world.observer.left.front();
  EXPECT_EQ(why.code, ErrorCode::Closed) << why.message;
  EXPECT_EQ(stats.frames[index_of(FrameClass::Audio)], 200U);
  EXPECT_EQ(stats.bytes, reader.stream.size());
}

TEST(TsServerTest, ReadersThatJoinLaterBeginAtTheStartAndAreServedEachByItself) {
  TsWorld world({}, kFourSeconds);
  std::vector<TsReader*> readers;
  for (int i = 0; i < 8; ++i) {
    readers.push_back(&world.join());
    world.run_for(700ms);
  }
  world.run_for(5s);

  for (const TsReader* each : readers) EXPECT_EQ(each->stream, world.muxed());
  EXPECT_THAT(world.observer.left, SizeIs(8));
}

TEST(TsServerTest, ALoopGoesOnAsOneStreamWithoutAGap) {
  TsServerOptions options;
  options.feed.loop = true;
  TsWorld world(options, kFourSeconds);
  TsReader& reader = world.join();
  world.run_for(13s);

  EXPECT_FALSE(reader.closed);
  EXPECT_EQ(world.server().readers().front().turns, 3U);
  EXPECT_GT(reader.stream.size(), 3 * world.muxed().size());
  EXPECT_EQ(figures_of(reader.stream).gaps, 0U);
  // Sound every 20 ms and a picture every 40, over the turns as well.
  Duration longest{};
  for (size_t i = 1; i < reader.messages.size(); ++i) {
    longest = std::max(longest, reader.messages[i].first - reader.messages[i - 1].first);
  }
  EXPECT_LE(longest, 40ms);
}

TEST(TsServerTest, ASlowReaderIsWaitedForAndGetsAllOfIt) {
  // The clip is 1.6 Mbit/s with what MPEG-TS adds; half of that carries it in twice its time.
  LoopbackOptions network =
      network_to_reader({.delay = 10ms, .rate = DataRate::bits_per_second(800'000)});
  network.send_queue_bytes = 128 << 10;
  network.send_queue_low_bytes = 32 << 10;
  TsWorld world({}, kFourSeconds, network);
  TsReader& reader = world.join();
  world.run_for(5s);
  ASSERT_EQ(world.server().reader_count(), 1U);
  EXPECT_LT(reader.stream.size(), world.muxed().size());
  world.run_for(15s);

  EXPECT_EQ(reader.stream, world.muxed());
  ASSERT_THAT(world.observer.left, SizeIs(1));
  EXPECT_EQ(world.observer.left.front().second.code, ErrorCode::Closed);
}

TEST(TsServerTest, AStalledReaderIsDroppedAndCostsTheOthersNothing) {
  TsServerOptions options;
  options.feed.stall_limit = 5s;
  options.feed.loop = true;
  TsWorld world(options, kFourSeconds);
  TsReader& good = world.join();
  world.run_for(100ms);
  TsReader& stalled = world.join();
  world.run_for(1s);
  world.transport().last_client()->set_reading(false);
  world.run_for(8s);

  ASSERT_THAT(world.observer.left, SizeIs(1));
  const auto& [stats, why] = world.observer.left.front();
  EXPECT_EQ(stats.id, 2U);
  EXPECT_EQ(why.code, ErrorCode::Timeout);
  EXPECT_THAT(why.message, HasSubstr("took in nothing for 5s"));
  EXPECT_EQ(world.server().reader_count(), 1U);
  EXPECT_GT(good.stream.size(), 2 * world.muxed().size());
  EXPECT_FALSE(good.closed);
  world.transport().last_client()->set_reading(true);
  world.run_for(1s);
  EXPECT_TRUE(stalled.closed);
}

TEST(TsServerTest, ByClassALinkThatIsTooSlowCostsHolesAndNoDelay) {
  // Carries I and P frames and sound, some 1.35 Mbit/s, and not the B frames beside them.
  TsWorld world(by_class(), kFourSeconds,
                network_to_reader({.delay = 10ms, .rate = DataRate::bits_per_second(1'450'000)}));
  TsReader& reader = world.join();
  world.run_for(8s);

  ASSERT_TRUE(reader.closed);
  EXPECT_EQ(reader.closed->code, ErrorCode::Closed);
  EXPECT_LT(reader.stream.size(), world.muxed().size());
  EXPECT_GT(figures_of(reader.stream).gaps, 0U);
  EXPECT_GT(world.observer.left.front().first.abandoned, 0U);
  // The clip takes four seconds, and what is late by the usual playout delay is given up.
  const Timestamp first = reader.messages.front().first;
  EXPECT_LT(reader.messages.back().first - first, 4s + 600ms);
  // Sound is on a stream of its own.
  size_t sound = 0;
  for (const auto& [at, message] : reader.messages)
    sound += message.stream == StreamId(1) ? 1U : 0U;
  EXPECT_GE(sound, 180U);
}

TEST(TsServerTest, WhenTheServerGoesDownTheReadersAreToldInGoodOrder) {
  TsWorld world({}, kFourSeconds);
  TsReader& one = world.join();
  TsReader& other = world.join();
  world.run_for(1s);
  bool done = false;
  world.server().shut_down("the server is going down", [&] { done = true; });
  world.run_for(1s);

  EXPECT_TRUE(done);
  for (const TsReader* each : {&one, &other}) {
    ASSERT_TRUE(each->closed);
    EXPECT_EQ(each->closed->code, ErrorCode::Closed);
    EXPECT_LT(each->stream.size(), world.muxed().size());
  }
  EXPECT_THAT(world.observer.left, SizeIs(2));
}

TEST(TsServerTest, AGoodbyeThatNobodyAnswersEndsAllTheSame) {
  TsWorld world({}, kFourSeconds);
  static_cast<void>(world.join());
  world.run_for(1s);
  world.transport().last_client()->vanish();
  bool done = false;
  world.server().shut_down("the server is going down", [&] { done = true; });
  world.run_for(4s);

  EXPECT_TRUE(done);
  EXPECT_EQ(world.server().reader_count(), 0U);
}

TEST(TsServerTest, AnAbortAtTheEndComesAfterEveryByte) {
  TsServerOptions options;
  options.feed.ending = TsEnding::Abort;
  TsWorld world(options, kFourSeconds, network_to_reader({.delay = 50ms, .loss = 0.05}));
  TsReader& reader = world.join();
  world.run_for(8s);

  EXPECT_EQ(reader.stream, world.muxed());
  ASSERT_TRUE(reader.closed);
  EXPECT_EQ(reader.closed->code, ErrorCode::Io);
  EXPECT_EQ(world.observer.left.front().second.code, ErrorCode::Closed);
}

TEST(TsServerTest, WhoSaysSomethingIsNoReader) {
  TsWorld world({}, kFourSeconds);
  TsReader& reader = world.join();
  world.run_for(100ms);
  reader.say({StreamId(0), Ppid(0), Bytes(10)});
  world.run_for(1s);

  EXPECT_TRUE(reader.closed);
  ASSERT_THAT(world.observer.left, SizeIs(1));
  EXPECT_THAT(world.observer.left.front().second.message, HasSubstr("sctp+ts:// URL"));
}

TEST(TsServerTest, TakesNoMoreReadersThanItMay) {
  TsServerOptions options;
  options.most_readers = 2;
  TsWorld world(options, kFourSeconds);
  TsReader& first = world.join();
  static_cast<void>(world.join());
  world.run_for(100ms);
  TsReader& third = world.join();
  world.run_for(100ms);
  EXPECT_TRUE(third.closed);
  EXPECT_THAT(world.observer.turned_away, SizeIs(1));

  first.leave();
  world.run_for(100ms);
  static_cast<void>(world.join());
  world.run_for(100ms);
  EXPECT_EQ(world.server().reader_count(), 2U);
  EXPECT_THAT(world.observer.turned_away, SizeIs(1));
}

TEST(TsServerTest, APortSendsTheClipThatIsNamedOrTheOnlyOne) {
  const auto clip = [](const std::string& name, const std::string& codec) {
    Track track;
    track.codec = codec;
    return Clip{name, {name, false}, 4s, {track}};
  };
  const auto one = ClipCatalogue::of({clip("street.mp4", "h264")});
  EXPECT_EQ(ts_clip(one, "")->name, "street.mp4");
  EXPECT_EQ(ts_clip(one, "street")->name, "street.mp4");
  EXPECT_EQ(ts_clip(one, "lake").error().code, ErrorCode::NotFound);

  const auto two = ClipCatalogue::of({clip("street.mp4", "h264"), clip("lake.webm", "vp9")});
  EXPECT_THAT(ts_clip(two, "").error().message,
              HasSubstr("2 clips are served, and an MPEG-TS port sends one"));
  EXPECT_EQ(ts_clip(two, "street")->name, "street.mp4");
  EXPECT_THAT(ts_clip(two, "lake").error().message,
              HasSubstr("lake.webm: vp9 does not fit into MPEG-TS"));
}

TEST(TsRouteTest, FramesLiveAsLongAsTheirClassAllows) {
  TsFeedOptions options;
  EXPECT_EQ(ts_route(options, FrameClass::B, 16).options.lifetime, std::nullopt);
  EXPECT_EQ(ts_route(options, FrameClass::Audio, 16).stream, StreamId(0));

  options.delivery = TsDelivery::ByClass;
  EXPECT_EQ(ts_route(options, FrameClass::I, 16).options.lifetime, std::nullopt);
  EXPECT_EQ(ts_route(options, FrameClass::P, 16).options.lifetime, options.playout_delay);
  EXPECT_EQ(ts_route(options, FrameClass::B, 16).options.lifetime, 100ms);
  EXPECT_EQ(ts_route(options, FrameClass::Audio, 16).stream, StreamId(1));
  EXPECT_EQ(ts_route(options, FrameClass::Audio, 1).stream, StreamId(0));
  options.policy = unreliable();
  EXPECT_EQ(ts_route(options, FrameClass::B, 16).options.max_retransmissions, 0U);
  for (const FrameClass each : kFrameClasses) {
    EXPECT_TRUE(ts_route(options, each, 16).options.ordered);
  }
}

}  // namespace
}  // namespace mayfly
