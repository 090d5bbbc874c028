#pragma once

#include <functional>
#include <memory>
#include <string>

#include "transport/association.h"

namespace mayfly {

// An association as it is, with somebody who reads along: every message that comes in is shown to
// the tap before its observer gets it.
class TappedAssociation final : public Association, private Association::Observer {
 public:
  using Tap = std::function<void(const Message&)>;

  TappedAssociation(std::unique_ptr<Association> inner, Tap tap)
      : inner_(std::move(inner)), tap_(std::move(tap)) {}
  ~TappedAssociation() override { inner_->set_observer(nullptr); }
  TappedAssociation(const TappedAssociation&) = delete;
  TappedAssociation& operator=(const TappedAssociation&) = delete;

  void set_observer(Association::Observer* observer) override {
    observer_ = observer;
    inner_->set_observer(observer == nullptr ? nullptr : this);
  }
  [[nodiscard]] Result<void> send(Message message, const SendOptions& options) override {
    return inner_->send(std::move(message), options);
  }
  void abandon(MessageId id) override { inner_->abandon(id); }
  [[nodiscard]] size_t send_buffer_free() const override { return inner_->send_buffer_free(); }
  [[nodiscard]] size_t send_buffer_room(const SendOptions& options) const override {
    return inner_->send_buffer_room(options);
  }
  [[nodiscard]] size_t buffered_bytes() const override { return inner_->buffered_bytes(); }
  [[nodiscard]] size_t max_message_bytes() const override { return inner_->max_message_bytes(); }
  [[nodiscard]] size_t max_chunk_payload_bytes() const override {
    return inner_->max_chunk_payload_bytes();
  }
  [[nodiscard]] uint16_t outgoing_streams() const override { return inner_->outgoing_streams(); }
  [[nodiscard]] AssociationStats stats() const override { return inner_->stats(); }
  [[nodiscard]] std::string peer() const override { return inner_->peer(); }
  void shutdown() override { inner_->shutdown(); }
  void abort(const std::string& reason) override { inner_->abort(reason); }

 private:
  void on_connected() override { observer_->on_connected(); }
  void on_message(Message message) override {
    tap_(message);
    observer_->on_message(std::move(message));
  }
  void on_message_abandoned(MessageId id, Abandonment what) override {
    observer_->on_message_abandoned(id, what);
  }
  void on_event(const TransportEvent& event) override { observer_->on_event(event); }
  void on_send_buffer_low() override { observer_->on_send_buffer_low(); }
  void on_closed(const Error& reason) override { observer_->on_closed(reason); }

  std::unique_ptr<Association> inner_;
  Tap tap_;
  Association::Observer* observer_ = nullptr;
};

}  // namespace mayfly
