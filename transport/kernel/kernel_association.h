#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/association.h"
#include "transport/association_events.h"
#include "transport/kernel/association_ending.h"
#include "transport/kernel/association_socket.h"
#include "transport/kernel/kernel_counters.h"
#include "transport/kernel/kernel_environment.h"
#include "transport/kernel/kernel_sender.h"
#include "transport/kernel/message_check.h"
#include "transport/kernel/shared_socket.h"
#include "transport/message_assembler.h"

namespace mayfly {

// An association of the kernel. One that was accepted on a one-to-many socket shares that with
// others until it has to wait for room: only a socket of its own tells when there is some.
//
//   Connecting --AssociationUp--> Open --shutdown(), and the queue is empty--> ShuttingDown
//        |                          |                                              |
//        +--------------------------+----------------------------------------------+--> Closed
//
// Linux says which messages it abandoned before it sent any of them; of those abandoned afterwards
// it only counts, per stream, so they appear in stats() and not in on_message_abandoned().
class KernelAssociation final : public Association, private SharedSocket::Member {
 public:
  // On a socket that has the settings but no association yet.
  [[nodiscard]] static std::unique_ptr<KernelAssociation> connect(
      KernelEnvironment environment, SctpSocket socket, const std::vector<IpEndpoint>& to);
  // Established already: on a socket of its own, or on a listener's, which it joins.
  [[nodiscard]] static std::unique_ptr<KernelAssociation> accept(KernelEnvironment environment,
                                                                 SctpSocket socket);
  [[nodiscard]] static std::unique_ptr<KernelAssociation> accept(
      KernelEnvironment environment, std::shared_ptr<SharedSocket> shared, AssociationId id);
  ~KernelAssociation() override;
  KernelAssociation(const KernelAssociation&) = delete;
  KernelAssociation& operator=(const KernelAssociation&) = delete;

  void set_observer(Observer* observer) override;
  [[nodiscard]] Result<void> send(Message message, const SendOptions& options) override;
  void abandon(MessageId id) override;
  [[nodiscard]] size_t send_buffer_free() const override;
  [[nodiscard]] size_t send_buffer_room(const SendOptions& options) const override;
  [[nodiscard]] size_t buffered_bytes() const override;
  [[nodiscard]] size_t max_message_bytes() const override { return limits().max_message_bytes(); }
  [[nodiscard]] size_t max_chunk_payload_bytes() const override;
  [[nodiscard]] uint16_t outgoing_streams() const override { return outgoing_streams_; }
  [[nodiscard]] AssociationStats stats() const override;
  [[nodiscard]] std::string peer() const override { return peer_; }
  void shutdown() override;
  void abort(const std::string& reason) override;

 private:
  enum class State : uint8_t { Connecting, Open, ShuttingDown, Closed };

  KernelAssociation(KernelEnvironment environment, AssociationSocket socket,
                    std::shared_ptr<SharedSocket> shared);
  [[nodiscard]] static std::unique_ptr<KernelAssociation> on_shared(
      KernelEnvironment environment, std::shared_ptr<SharedSocket> shared, AssociationId id);
  void begin(int error_number, const IpEndpoint& to);
  void begin_established();
  void become_open();
  [[nodiscard]] MessageLimits limits() const;

  // Reads a socket of its own while there is an observer.
  void watch();
  // Takes in what the kernel has, at most a round's share of it.
  void read_round();
  // What a read gave, on whichever socket. May be called until has_enough().
  void take_in(const SctpRead& read) override;
  void end_round() override;
  [[nodiscard]] bool has_enough() const { return nothing_more_ || fatal_; }
  void on_piece(const MessagePiece& piece);
  void on_event(const SctpEvent& event);
  // Ends the association if the last round found that it has.
  void close_if_ended();

  void pump();
  // Moves to a socket of its own, if it may and can.
  void leave_shared_socket();
  // Passes on what was abandoned and that there is room.
  void tell_progress();
  void note_abandoned(const AbandonedMessage& abandoned);

  void on_heartbeat_due();
  void refresh_path();
  // Whether send() takes anything.
  [[nodiscard]] bool is_sending() const;
  [[nodiscard]] Error why_it_ended() const;
  void on_shutdown_limit();
  // `told`: what the peer is told.
  void end_with_abort(const Error& reason, const std::string& told);
  void close(const Error& reason);

  const KernelEnvironment environment_;
  std::optional<AssociationSocket> socket_;  // until closed
  std::shared_ptr<SharedSocket> shared_;     // null on a socket of its own
  State state_ = State::Connecting;
  uint64_t heartbeats_ = 0;
  std::string peer_;
  uint16_t outgoing_streams_;
  size_t send_buffer_bytes_ = 0;  // as the kernel granted it
  size_t fragmentation_point_;    // the largest payload of one chunk, as the kernel cuts
  bool interleaving_ = false;

  KernelSender sender_;
  MessageAssembler assembler_;
  KernelCounters counters_;
  bool shutdown_wanted_ = false;
  bool observed_ = false;

  // What the reads found.
  AssociationEnding ending_;
  std::optional<Error> fatal_;
  bool nothing_more_ = false;

  AssociationEvents events_;
  std::unique_ptr<Timer> pump_timer_;
  std::unique_ptr<Timer> heartbeat_timer_;
  std::unique_ptr<Timer> shutdown_timer_;
  std::unique_ptr<Reactor::Watch> watch_;  // of a socket of its own
};

}  // namespace mayfly
