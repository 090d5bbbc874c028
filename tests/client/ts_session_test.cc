#include "client/ts_session.h"

#include <gmock/gmock.h>

#include "demux/synthetic_source.h"
#include "tests/client/recording_sink.h"
#include "tests/support/loopback_association.h"

namespace mayfly {
namespace {

using ::testing::HasSubstr;

// Stands for the demuxer, whose thread has no place on virtual time: of the bytes only how many
// there are and that they end matters.
class CountedSource final : public MediaSource {
 public:
  CountedSource(std::shared_ptr<BytePipe> pipe, const SyntheticShape& shape)
      : pipe_(std::move(pipe)), inner_(shape) {}
  [[nodiscard]] const std::vector<Track>& tracks() const override { return inner_.tracks(); }
  [[nodiscard]] std::optional<Duration> duration() const override { return std::nullopt; }
  [[nodiscard]] Result<Reading> next() override { return inner_.next(); }
  [[nodiscard]] Result<void> seek(MediaTime) override {
    return failure(ErrorCode::Unsupported, "");
  }

 private:
  std::shared_ptr<BytePipe> pipe_;
  SyntheticSource inner_;
};

// A clock that has moved on each time it is read, as real ones have; by nothing until told.
class MovingClock final : public Clock {
 public:
  explicit MovingClock(const Clock& slow) : slow_(slow) {}
  [[nodiscard]] Timestamp now() const override { return slow_.now() + ++reads_ * step; }

  Duration step{};

 private:
  const Clock& slow_;
  mutable int64_t reads_ = 0;
};

Bytes ts_packets(size_t count) {
  Bytes stream(count * 188, std::byte{0});
  for (size_t i = 0; i < count; ++i) {
    stream[i * 188] = std::byte{0x47};
    stream[i * 188 + 1] = std::byte{1};
    stream[i * 188 + 3] = static_cast<std::byte>(0x10U | (i & 0x0fU));
  }
  return stream;
}

class TsSessionTest : public ::testing::Test, private TsSession::Observer {
 protected:
  // A sender of this many messages of seven packets each, which come when `send()` says.
  void SetUp() override {
    auto pair = connect_loopback(simulation_, {.window_bytes = 16 << 10});
    sender_ = std::move(pair.server);
    sender_->set_observer(&sender_told_);
    TsSessionOptions options;
    options.most_waiting_bytes = 128 << 10;
    session_ = std::unique_ptr<TsSession>(new TsSession(
        std::move(pair.client), clock_, simulation_, simulation_, sink_, *this,
        [this](std::shared_ptr<BytePipe> pipe, TsSession::Opened opened) {
          pipe_ = std::move(pipe);
          opened_ = std::move(opened);
        },
        options));
    simulation_.run_for(100ms);
  }

  void send(const Bytes& bytes) {
    for (size_t at = 0; at < bytes.size(); at += 1316) {
      const ByteView part = ByteView(bytes).subspan(at, std::min<size_t>(1316, bytes.size() - at));
      ASSERT_TRUE(sender_->send({StreamId(0), Ppid(0), Bytes(part.begin(), part.end())}, {}));
    }
  }
  void open(const SyntheticShape& shape = {.pictures = 25}) {
    opened_(std::make_unique<CountedSource>(pipe_, shape));
  }

  void on_playing(const std::vector<Track>&) override { ++playing_; }
  void on_finished(const Result<void>& how) override { finished_ = how; }

  struct Told final : Association::Observer {
    void on_connected() override {}
    void on_message(Message) override { ++said; }
    void on_message_abandoned(MessageId, Abandonment) override {}
    void on_send_buffer_low() override {}
    void on_closed(const Error& reason) override { closed = reason; }
    int said = 0;
    std::optional<Error> closed;
  };

  Simulation simulation_;
  MovingClock clock_{simulation_};
  RecordingSink sink_{simulation_};
  Told sender_told_;
  std::unique_ptr<Association> sender_;
  std::shared_ptr<BytePipe> pipe_;
  TsSession::Opened opened_;
  std::unique_ptr<TsSession> session_;
  int playing_ = 0;
  std::optional<Result<void>> finished_;
};

TEST_F(TsSessionTest, PlaysEveryFrameAtItsTimeAndEndsWithTheSender) {
  send(ts_packets(70));
  simulation_.run_for(100ms);
  open();
  simulation_.run_for(500ms);
  EXPECT_EQ(playing_, 1);
  EXPECT_FALSE(finished_);
  sender_->shutdown();
  simulation_.run_for(3s);

  ASSERT_TRUE(finished_);
  EXPECT_TRUE(*finished_) << finished_->error().message;
  EXPECT_EQ(sink_.frames.size(), 25U);
  for (const Duration each : sink_.lateness) EXPECT_EQ(each, 0ms);
  EXPECT_EQ(sink_.finishes, 1);
  EXPECT_EQ(sender_told_.said, 0);
  const PlaybackStats stats = session_->stats();
  EXPECT_TRUE(stats.complete);
  EXPECT_EQ(stats.transport_stream, (TransportStreamFigures{.packets = 70}));
  EXPECT_EQ(stats.bytes_received, 70 * 188U);
}

TEST_F(TsSessionTest, PlaysEveryFrameThoughTimePassesWhileItDecides) {
  send(ts_packets(70));
  simulation_.run_for(100ms);
  clock_.step = 3ms;
  open({.pictures = 250});
  simulation_.run_for(5s);
  sender_->shutdown();
  simulation_.run_for(5s);

  ASSERT_TRUE(finished_);
  EXPECT_TRUE(*finished_) << finished_->error().message;
  EXPECT_EQ(sink_.frames.size(), 250U);
}

TEST_F(TsSessionTest, HoldsTheSenderUpWhereTheBytesAreNotTakenAndGoesOnWhereTheyAre) {
  const Bytes all = ts_packets(2100);  // 395 kB
  send(all);
  simulation_.run_for(5s);
  // 128 KiB wait here; the rest is left to the association.
  const size_t held = session_->stats().bytes_received;
  EXPECT_GE(held, 128U << 10);
  EXPECT_LE(held, (128U << 10) + 1316);

  std::vector<std::byte> into(10'000);
  size_t taken = 0;
  for (int i = 0; i < 500 && taken < all.size(); ++i) {  // a message at a time
    if (taken < session_->stats().bytes_received) taken += pipe_->read(into);
    simulation_.run_for(50ms);
  }
  EXPECT_EQ(taken, all.size());
  EXPECT_EQ(session_->stats().transport_stream->gaps, 0U);
}

TEST_F(TsSessionTest, WhatIsNoMpegTsIsToldWithTheMend) {
  send(Bytes(100'000, std::byte{'x'}));
  simulation_.run_for(2s);

  ASSERT_TRUE(finished_ && !*finished_);
  EXPECT_EQ(finished_->error().code, ErrorCode::Malformed);
  EXPECT_THAT(finished_->error().message, HasSubstr("is no MPEG-TS: give its sender -f mpegts"));
  EXPECT_TRUE(pipe_->is_cancelled());
}

TEST_F(TsSessionTest, AFewForeignBytesAreFoundAtTheEnd) {
  send(Bytes(500, std::byte{'x'}));
  sender_->shutdown();
  simulation_.run_for(1s);
  opened_(failure(ErrorCode::Malformed, "is not a media file"));
  simulation_.run_for(1s);

  ASSERT_TRUE(finished_ && !*finished_);
  EXPECT_THAT(finished_->error().message, HasSubstr("is no MPEG-TS"));
}

TEST_F(TsSessionTest, ASenderThatSendsNothingIsGivenUp) {
  simulation_.run_for(11s);
  simulation_.run_for(5s);

  ASSERT_TRUE(finished_ && !*finished_);
  EXPECT_EQ(finished_->error().code, ErrorCode::Timeout);
  EXPECT_THAT(finished_->error().message, HasSubstr("sent nothing within 10s"));
}

TEST_F(TsSessionTest, WhatCameBeforeAnAbortIsPlayedAndThenTheAbortIsTold) {
  send(ts_packets(70));
  simulation_.run_for(100ms);
  open();
  simulation_.run_for(200ms);
  sender_->abort("killed");
  simulation_.run_for(5s);

  ASSERT_TRUE(finished_ && !*finished_);
  EXPECT_THAT(finished_->error().message, HasSubstr("the stream broke off: "));
  EXPECT_THAT(finished_->error().message,
              HasSubstr("after 1.0 s; what came until then was played"));
  EXPECT_EQ(sink_.frames.size(), 25U);
  EXPECT_FALSE(session_->stats().complete);
}

TEST_F(TsSessionTest, AnEndInTheMiddleOfAPacketIsNoGoodEnd) {
  Bytes cut = ts_packets(70);
  cut.resize(cut.size() - 100);
  send(cut);
  simulation_.run_for(100ms);
  open();
  sender_->shutdown();
  simulation_.run_for(5s);

  ASSERT_TRUE(finished_ && !*finished_);
  EXPECT_THAT(finished_->error().message, HasSubstr("in the middle of a packet"));
  EXPECT_FALSE(session_->stats().complete);
}

TEST_F(TsSessionTest, AViewerMayStopAtAnyTime) {
  send(ts_packets(70));
  simulation_.run_for(100ms);
  open();
  simulation_.run_for(1s);
  session_->stop();
  EXPECT_EQ(sink_.finishes, 1);
  simulation_.run_for(1s);

  ASSERT_TRUE(finished_);
  EXPECT_TRUE(*finished_);
  ASSERT_TRUE(sender_told_.closed);
  EXPECT_EQ(sender_told_.closed->code, ErrorCode::Closed);
}

TEST_F(TsSessionTest, StoppingBeforeAnythingCameEndsAtOnceTheSecondTime) {
  session_->stop();
  session_->stop();
  ASSERT_TRUE(finished_);
  EXPECT_TRUE(*finished_);
  EXPECT_EQ(sink_.finishes, 0);
}

TEST_F(TsSessionTest, APauseHoldsThePictureAndNothingIsLost) {
  send(ts_packets(70));
  simulation_.run_for(100ms);
  open();
  simulation_.run_for(900ms);
  session_->pause();
  const size_t before = sink_.frames.size();
  EXPECT_GT(before, 5U);
  simulation_.run_for(10s);
  EXPECT_EQ(sink_.frames.size(), before);
  session_->resume();
  sender_->shutdown();
  simulation_.run_for(3s);

  EXPECT_EQ(sink_.frames.size(), 25U);
  EXPECT_EQ(session_->stats().freezes.count, 0U);
  EXPECT_TRUE(finished_ && *finished_);
}

TEST_F(TsSessionTest, ASinkThatFailsEndsIt) {
  sink_.fails_after = 3;
  send(ts_packets(70));
  simulation_.run_for(100ms);
  open();
  simulation_.run_for(8s);

  ASSERT_TRUE(finished_ && !*finished_);
  EXPECT_THAT(finished_->error().message, HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace mayfly
