#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/random.h"
#include "tests/transport/usrsctp_environment.h"

namespace mayfly {
namespace {

// A server that streams media-like pieces to a client and counts what arrives.
class Stream final : public Association::Observer {
 public:
  Stream(double loss, uint64_t seed) : environment_({}, seed) {
    listener_ = std::move(*environment_.server().listen(environment_.server_address()));
    listener_->set_acceptor([this](std::unique_ptr<Association> association) {
      server_ = std::move(association);
      server_->set_observer(this);
    });
    client_ = std::move(*environment_.client().connect(environment_.server_address()));
    client_->set_observer(&receiver_);
    environment_.network().set_observer([this](const SimulatedNetwork::Fate& fate) {
      note(static_cast<uint64_t>(fate.sent.time_since_epoch().count()));
      note(fate.arrives ? static_cast<uint64_t>(fate.arrives->time_since_epoch().count()) : 0);
      for (const std::byte each : fate.packet) note(std::to_integer<uint64_t>(each));
    });
    (void)environment_.set_link({.loss = loss, .delay = 20ms});
  }

  // 30 pictures a second for `length`: every 30th reliable and of 34 pieces, others expiring.
  void run(Duration length) {
    ASSERT_TRUE(environment_.run_until([&] { return server_ != nullptr; }, 30s));
    const auto pictures = static_cast<uint64_t>(to_seconds(length) * 30);
    for (uint64_t picture = 0; picture < pictures && !closed; ++picture) {
      const bool intra = picture % 30 == 0;
      const bool reference = picture % 3 == 0;
      for (int piece = 0; piece < (intra ? 34 : reference ? 5 : 2); ++piece) {
        SendOptions options{.ordered = false, .id = MessageId(next_)};
        if (!intra) options.lifetime = reference ? 400ms : 200ms;
        options.priority = intra ? 0 : reference ? 1 : 2;
        Bytes payload(1200);
        for (size_t i = 0; i < payload.size(); ++i) payload[i] = expected(next_, i);
        Bytes head;
        ByteWriter(head).u64(next_);
        std::copy(head.begin(), head.end(), payload.begin());
        if (intra) reliable_.insert(next_);
        if (server_->send({StreamId(options.priority), Ppid(1), std::move(payload)}, options)) {
          ++next_;
        }
      }
      (void)environment_.run_until([] { return false; }, Duration(33'333));
    }
    (void)environment_.run_until([] { return false; }, 10s);
  }

  void on_connected() override {}
  void on_message(Message) override {}
  void on_message_abandoned(MessageId id, Abandonment) override {
    EXPECT_TRUE(abandoned.insert(id.value()).second) << "told twice";
  }
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override { closed = reason; }

  [[nodiscard]] static std::byte expected(uint64_t number, size_t at) {
    return static_cast<std::byte>((number * 37 + at) & 0xff);
  }
  [[nodiscard]] uint64_t sent() const { return next_; }
  [[nodiscard]] uint64_t digest() const { return digest_; }
  [[nodiscard]] const std::set<uint64_t>& reliable() const { return reliable_; }
  [[nodiscard]] const std::set<uint64_t>& received() const { return receiver_.received; }
  [[nodiscard]] uint64_t corrupt() const { return receiver_.corrupt; }
  [[nodiscard]] bool receiver_closed() const { return receiver_.closed; }

  std::set<uint64_t> abandoned;
  std::optional<Error> closed;

 private:
  struct Receiver final : Association::Observer {
    void on_connected() override {}
    void on_message(Message message) override {
      const uint64_t number = ByteReader(message.payload).u64();
      bool intact = message.payload.size() == 1200;
      for (size_t i = 8; intact && i < message.payload.size(); ++i) {
        intact = message.payload[i] == expected(number, i);
      }
      if (!intact) ++corrupt;
      received.insert(number);
    }
    void on_message_abandoned(MessageId, Abandonment) override {}
    void on_send_buffer_low() override {}
    void on_closed(const Error&) override { closed = true; }
    std::set<uint64_t> received;
    uint64_t corrupt = 0;
    bool closed = false;
  };

  void note(uint64_t value) { digest_ = (digest_ ^ value) * 0x100000001b3ULL; }

  UsrsctpEnvironment environment_;
  Receiver receiver_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Association> server_;
  std::unique_ptr<Association> client_;
  uint64_t next_ = 0;
  std::set<uint64_t> reliable_;
  uint64_t digest_ = 0xcbf29ce484222325ULL;
};

struct Cell {
  double loss;
  uint64_t seed;
};

class UsrsctpSoak : public ::testing::TestWithParam<Cell> {};

TEST_P(UsrsctpSoak, NeverLosesTheAssociationNorAReliablePieceNorCorruptsOne) {
  const auto [loss, seed] = GetParam();
  SCOPED_TRACE(::testing::Message() << "loss " << loss << ", seed " << seed);
  Stream stream(loss, seed);

  ASSERT_NO_FATAL_FAILURE(stream.run(120s));

  EXPECT_FALSE(stream.closed) << stream.closed->message;
  EXPECT_FALSE(stream.receiver_closed());
  EXPECT_EQ(stream.corrupt(), 0U);
  EXPECT_TRUE(std::includes(stream.received().begin(), stream.received().end(),
                            stream.reliable().begin(), stream.reliable().end()));
  size_t unaccounted = 0;
  for (uint64_t number = 0; number < stream.sent(); ++number) {
    if (!stream.received().contains(number) && !stream.abandoned.contains(number)) ++unaccounted;
  }
  EXPECT_EQ(unaccounted, 0U) << "of " << stream.sent();
  EXPECT_GT(static_cast<double>(stream.received().size()),
            static_cast<double>(stream.sent()) * (loss < 0.05 ? 0.95 : 0.3));
}

INSTANTIATE_TEST_SUITE_P(Loss, UsrsctpSoak,
                         ::testing::Values(Cell{0.01, 1}, Cell{0.01, 2}, Cell{0.05, 1},
                                           Cell{0.05, 2}, Cell{0.05, 3}, Cell{0.1, 1}, Cell{0.1, 2},
                                           Cell{0.1, 3}));

uint64_t digest_of_a_run(uint64_t seed) {
  Stream stream(0.05, seed);
  stream.run(10s);
  return stream.digest();
}

TEST(UsrsctpDeterminismTest, GivesEveryPacketTheSameForTheSameSeed) {
  const uint64_t first = digest_of_a_run(42);

  EXPECT_EQ(digest_of_a_run(42), first);
  EXPECT_NE(digest_of_a_run(43), first);
}

}  // namespace
}  // namespace mayfly
