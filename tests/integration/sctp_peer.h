#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/event_loop.h"
#include "transport/transport.h"
#include "wire/control.h"

namespace mayfly::testing {

// The other end of an association with the program under test: speaks whatever a test wants it to.
class SctpPeer final : private Association::Observer {
 public:
  SctpPeer();
  ~SctpPeer() override;

  // Either connects to a server on the loopback interface, or listens there and takes the first
  // player that comes; its port.
  void connect(uint16_t port);
  uint16_t listen();

  // What to do when connected, and for every message. Set before anything can happen.
  std::function<void()> when_connected = [] {};
  std::function<void()> when_heard = [] {};

  void send(const wire::ControlMessage& message);
  void send_bytes(const Bytes& message);
  // Runs until the association is closed.
  [[nodiscard]] bool run_until_closed(Duration limit = 20s);

  [[nodiscard]] const std::vector<wire::ControlMessage>& heard() const { return heard_; }
  template <class Message>
  [[nodiscard]] const Message* first() const {
    for (const auto& each : heard_) {
      if (const auto* message = std::get_if<Message>(&each)) return message;
    }
    return nullptr;
  }

 private:
  struct Stack;

  void on_connected() override { when_connected(); }
  void on_message(Message message) override;
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error& reason) override;

  EventLoop loop_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Association> association_;
  std::vector<wire::ControlMessage> heard_;
  bool closed_ = false;
};

}  // namespace mayfly::testing
