#include <gtest/gtest.h>

#include "tests/transport_sctp/engine_environment.h"

namespace mayfly {
namespace {

class Counter final : public Association::Observer {
 public:
  void on_connected() override { connected = true; }
  void on_message(Message) override {
    ++messages;
    after_message();
  }
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error&) override {}

  bool connected = false;
  size_t messages = 0;
  std::function<void()> after_message = [] {};
};

// What an association does once for all packets that come in one round of the loop.
class EngineRound : public ::testing::Test {
 protected:
  void SetUp() override {
    listener_ = std::move(*environment_.server().listen(environment_.server_address()));
    listener_->set_acceptor([this](std::unique_ptr<Association> association) {
      server_ = std::move(association);
      server_->set_observer(&at_server_);
    });
    client_ = std::move(*environment_.client().connect(environment_.server_address()));
    client_->set_observer(&at_client_);
    ASSERT_TRUE(environment_.run_until(
        [this] { return at_client_.connected && at_server_.connected; }, 5s));
    run_for(1s);
    environment_.network().set_observer([this](const SimulatedNetwork::Fate& fate) {
      if (fate.from == environment_.server_endpoint()) ++sent_by_server_;
    });
  }
  void send(size_t messages) {
    for (size_t i = 0; i < messages; ++i) {
      ASSERT_TRUE(client_->send({StreamId(1), Ppid(1), Bytes(1000)}, {}));
    }
  }
  void run_for(Duration duration) {
    (void)environment_.run_until([] { return false; }, duration);
  }

  EngineEnvironment environment_;
  Counter at_server_;
  Counter at_client_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Association> server_;
  std::unique_ptr<Association> client_;
  size_t sent_by_server_ = 0;
};

TEST_F(EngineRound, AcknowledgesAllItsPacketsAtOnce) {
  send(5);
  run_for(100ms);

  EXPECT_EQ(at_server_.messages, 5U);
  EXPECT_EQ(sent_by_server_, 1U);
}

TEST_F(EngineRound, AcknowledgesEachPacketThatComesAlone) {
  for (int i = 0; i < 5; ++i) {
    send(1);
    run_for(5ms);
  }
  run_for(100ms);

  EXPECT_EQ(sent_by_server_, 5U);
}

TEST_F(EngineRound, MayEndTheAssociationInTheMiddle) {
  at_server_.after_message = [this] { server_.reset(); };
  send(5);
  run_for(100ms);

  EXPECT_EQ(at_server_.messages, 1U);
  EXPECT_EQ(server_, nullptr);
}

}  // namespace
}  // namespace mayfly
