#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "transport/abandonment_ledger.h"
#include "transport/association.h"
#include "transport/association_events.h"
#include "transport/message_assembler.h"
#include "transport/send_queue.h"
#include "transport/usrsctp/usrsctp_endpoint.h"
#include "transport/usrsctp/usrsctp_io.h"
#include "transport/usrsctp/usrsctp_notification.h"
#include "transport/usrsctp/usrsctp_path.h"

namespace mayfly {

// An association of the usrsctp stack. Messages wait in a queue of ours and are handed to the stack
// only as far as its congestion window will soon take them.
//
//   Connecting --> Open --> Draining --> ShuttingDown --> Closed
//                            shutdown()   SHUTDOWN sent or received
//   from everywhere: abort, loss of the peer --> Closed
class UsrsctpAssociation final : public Association, private UsrsctpStack::Member {
 public:
  // Sends the INIT. `remote_port` is SCTP's port at the peer.
  [[nodiscard]] static Result<std::unique_ptr<Association>> connect(
      std::shared_ptr<UsrsctpEndpoint> endpoint, const IpEndpoint& to, uint16_t remote_port);
  // One that a peer began and the stack has established.
  [[nodiscard]] static std::unique_ptr<UsrsctpAssociation> accepted(
      UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path);
  ~UsrsctpAssociation() override;
  UsrsctpAssociation(const UsrsctpAssociation&) = delete;
  UsrsctpAssociation& operator=(const UsrsctpAssociation&) = delete;

  void set_observer(Observer* observer) override;
  [[nodiscard]] Result<void> send(Message message, const SendOptions& options) override;
  void abandon(MessageId id) override;
  [[nodiscard]] size_t send_buffer_free() const override { return queue_.free_bytes(); }
  [[nodiscard]] size_t send_buffer_room(const SendOptions& options) const override {
    return queue_.room_for(options.discard_priority);
  }
  [[nodiscard]] size_t buffered_bytes() const override;
  // What fits the send queue and the receiver's bound on messages, which is taken to be ours: the
  // protocol has no way to tell it.
  [[nodiscard]] size_t max_message_bytes() const override;
  [[nodiscard]] size_t max_chunk_payload_bytes() const override;
  [[nodiscard]] uint16_t outgoing_streams() const override { return outgoing_streams_; }
  [[nodiscard]] AssociationStats stats() const override;
  [[nodiscard]] std::string peer() const override;
  void shutdown() override;
  void abort(const std::string& reason) override;

 private:
  enum class State : uint8_t { Connecting, Open, Draining, ShuttingDown, Closed };

  UsrsctpAssociation(UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path, State state);

  [[nodiscard]] const TransportOptions& options() const { return path_->endpoint().options(); }
  [[nodiscard]] UsrsctpStack& stack() const { return path_->endpoint().stack(); }

  void on_round(Timestamp now) override;
  void on_tick(Timestamp now) override;

  // Asks the peer for a sign of life; without one for too long, the association ends.
  void check_liveness(Timestamp now);

  // Everything the stack has for us.
  void read();
  // Whether there may be more.
  [[nodiscard]] bool read_once();
  void take_notification(ByteView bytes);
  void take_piece(const MessagePiece& piece);
  void on_up();
  void on_peer_shuts_down();
  // Why the stack has nothing more for us.
  [[nodiscard]] Error loss() const;
  [[nodiscard]] Error good_end() const;

  // Hands over what the stack can send soon.
  void pump(Timestamp now);
  [[nodiscard]] SendResult hand_over(const OutgoingMessage& outgoing);
  void begin_shutdown_when_drained();
  void collect();  // what the queue and the ledger have to tell becomes events
  void note_abandoned(const AbandonedMessage& abandoned);
  void remember_path();
  void finish(const Error& reason);

  UsrsctpSocket socket_;
  std::unique_ptr<UsrsctpPath> path_;
  UsrsctpStack::MemberId member_;
  State state_;
  bool observed_ = false;
  bool in_round_ = false;  // at whose end everything is told
  uint16_t outgoing_streams_;
  SendQueue queue_;
  MessageAssembler assembler_;
  AbandonmentLedger ledger_;
  AssociationEvents events_;
  std::map<StreamId, StreamStats> streams_;
  std::map<uint16_t, Priority> stream_priorities_;  // as the stack's scheduler has them
  bool in_notification_ = false;                    // the rest of one is still to be read
  bool socket_failed_ = false;
  bool peer_shuts_down_ = false;
  std::optional<Error> ending_;  // told by the stack; final once everything is read
  std::optional<Timestamp> shutdown_until_;
  Timestamp heartbeat_due_{};
  Timestamp last_heard_{};  // of the peer, to the heartbeat
  uint64_t packets_heard_ = 0;
  std::optional<PathStats> last_path_;
};

}  // namespace mayfly
