#pragma once

#include <map>
#include <optional>
#include <vector>

#include "transport/association.h"

namespace mayfly {

// Keeps what an association tells.
struct RecordingObserver final : Association::Observer {
  bool connected = false;
  std::vector<Message> messages;
  std::vector<std::pair<MessageId, Abandonment>> abandoned;
  std::vector<TransportEvent> events;
  int send_buffer_low = 0;
  std::optional<Error> closed;
  std::function<void(const Message&)> on_each_message = [](const Message&) {};

  void on_connected() override { connected = true; }
  void on_message(Message message) override {
    on_each_message(message);
    messages.push_back(std::move(message));
  }
  void on_message_abandoned(MessageId id, Abandonment what) override {
    abandoned.emplace_back(id, what);
  }
  void on_send_buffer_low() override { ++send_buffer_low; }
  void on_event(const TransportEvent& event) override { events.push_back(event); }
  void on_closed(const Error& reason) override { closed = reason; }

  // The first event of a kind; null when there was none.
  [[nodiscard]] const TransportEvent* first(TransportEventKind kind) const {
    for (const TransportEvent& each : events) {
      if (each.kind == kind) return &each;
    }
    return nullptr;
  }
};

}  // namespace mayfly
