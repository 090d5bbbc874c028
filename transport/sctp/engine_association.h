#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "transport/association.h"
#include "transport/sctp/engine_endpoint.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly {

// An association of the engine on the loop: lends a Socket its packets, its timer and its observer.
class EngineAssociation final : public Association {
 public:
  // Sends the INIT. `peer_port` is SCTP's.
  [[nodiscard]] static Result<std::unique_ptr<Association>> connect(
      std::shared_ptr<EngineEndpoint> endpoint, const std::vector<IpEndpoint>& peer,
      uint16_t peer_port);
  [[nodiscard]] static std::unique_ptr<EngineAssociation> accepted(
      std::shared_ptr<EngineEndpoint> endpoint, const sctp::StateCookie& cookie);
  ~EngineAssociation() override;
  EngineAssociation(const EngineAssociation&) = delete;
  EngineAssociation& operator=(const EngineAssociation&) = delete;

  void set_observer(Observer* observer) override;
  [[nodiscard]] Result<void> send(Message message, const SendOptions& options) override;
  void abandon(MessageId id) override;
  [[nodiscard]] size_t send_buffer_free() const override;
  [[nodiscard]] size_t send_buffer_room(const SendOptions& options) const override;
  [[nodiscard]] size_t buffered_bytes() const override {
    return socket_->sender().buffered_bytes();
  }
  // What fits the send queue and the receiver's bound on messages, which is taken to be ours: the
  // protocol has no way to tell it.
  [[nodiscard]] size_t max_message_bytes() const override;
  [[nodiscard]] size_t max_chunk_payload_bytes() const override;
  [[nodiscard]] uint16_t outgoing_streams() const override { return socket_->outgoing_streams(); }
  [[nodiscard]] AssociationStats stats() const override;
  [[nodiscard]] std::string peer() const override;
  void shutdown() override;
  void abort(const std::string& reason) override;

  // For the endpoint, from the loop.
  [[nodiscard]] const sctp::Socket& socket() const { return *socket_; }
  void receive(const IpEndpoint& from, const sctp::PacketView& packet);
  [[nodiscard]] std::optional<sctp::InitAnswer> answer_to_init(const sctp::LocalSide& fresh);
  [[nodiscard]] sctp::Socket::CookieVerdict on_cookie(const sctp::StateCookie& cookie);
  [[nodiscard]] bool has_tags_of(const sctp::StateCookie& cookie) const;
  void on_restart();
  // What wake() asked for, unless it has been done meanwhile.
  void on_woken() {
    if (is_woken_) on_loop();
  }

 private:
  EngineAssociation(std::shared_ptr<EngineEndpoint> endpoint, std::unique_ptr<sctp::Socket> socket);

  // Does what there is to do, soon and from the loop.
  void wake();
  void on_loop();
  void transmit();
  void deliver();
  void tell(const sctp::Socket::Event& event);
  void rearm();

  std::shared_ptr<EngineEndpoint> endpoint_;
  std::unique_ptr<sctp::Socket> socket_;
  Observer* observer_ = nullptr;
  std::optional<sctp::Socket::Event> pending_;
  std::map<StreamId, StreamStats> streams_;
  uint64_t refused_ = 0;
  uint32_t known_changes_ = 0;  // of the peer's addresses
  bool is_registered_ = true;
  bool is_woken_ = false;  // the endpoint comes back soon
  std::unique_ptr<Timer> timer_;
  Timestamp armed_for_{};  // while the timer runs
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mayfly
