#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>

#include "transport/packet_socket.h"
#include "transport/transport_options.h"
#include "transport/usrsctp/handshake_guard.h"
#include "transport/usrsctp/sctp_packet.h"
#include "transport/usrsctp/usrsctp_path.h"
#include "transport/usrsctp/usrsctp_stack.h"

namespace mayfly {

// One packet socket under the stack, with all associations over it: finds the association a packet
// belongs to, and keeps from the stack what belongs to none (RFC 9260 8.4, 8.5). Shared by the
// transport and the associations it made, which outlive it.
class UsrsctpEndpoint : public std::enable_shared_from_this<UsrsctpEndpoint> {
 public:
  // Who wants associations that others begin.
  class Welcome {
   public:
    virtual ~Welcome() = default;
    // What the handshake's packets are to be met with.
    [[nodiscard]] virtual UsrsctpListeningSocket& listening_socket() = 0;
    virtual void on_established(UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path) = 0;
  };

  UsrsctpEndpoint(UsrsctpStack& stack, PacketSocket& socket, const TransportOptions& options);
  ~UsrsctpEndpoint();
  UsrsctpEndpoint(const UsrsctpEndpoint&) = delete;
  UsrsctpEndpoint& operator=(const UsrsctpEndpoint&) = delete;

  [[nodiscard]] UsrsctpStack& stack() const { return stack_; }
  [[nodiscard]] const TransportOptions& options() const { return options_; }
  [[nodiscard]] IpEndpoint local() const { return socket_.local(); }
  // Payload of one UDP packet here.
  [[nodiscard]] size_t max_packet_bytes() const;

  // Null: nobody.
  void set_welcome(Welcome* welcome, uint16_t sctp_port);
  [[nodiscard]] bool is_listening() const { return welcome_ != nullptr; }

  void send(const IpEndpoint& to, ByteView packet) { socket_.send(to, packet); }
  void add_path(UsrsctpPath& path);
  void remove_path(UsrsctpPath& path);
  // As remove_path(), and not by its tag either.
  void forget(UsrsctpPath& path);
  // The path's local tag was chosen.
  void note_tag(UsrsctpPath& path);
  // An INIT ACK with this initiate tag went to `peer`.
  void note_answer(uint32_t tag, const IpEndpoint& peer) { guard_.answered(tag, peer); }
  // Answers the peer's SHUTDOWN ACKs of an association that has ended: the last SHUTDOWN COMPLETE
  // may have been lost.
  void answer_shutdowns(const UsrsctpPath::Key& key, uint32_t tag);

  // Packets that belonged to nobody, or were malformed, forged or beyond the ration.
  [[nodiscard]] uint64_t packets_dropped() const { return packets_dropped_; }

 private:
  // An INIT was answered. Nothing of it is remembered but where it came from and the stack's
  // address it was given, which its cookie is bound to; few, and not for long.
  struct HalfOpen {
    std::unique_ptr<UsrsctpPath> path;
    Timestamp since{};
  };
  struct Ended {
    uint32_t tag = 0;
    Timestamp until{};
  };

  void receive(const IpEndpoint& from, ByteView bytes);
  // Whether anybody took it, this and the following.
  [[nodiscard]] bool receive_known(UsrsctpPath& path, const SctpPacket& packet);
  [[nodiscard]] bool receive_from_stranger(const UsrsctpPath::Key& key, const SctpPacket& packet);
  [[nodiscard]] bool receive_init(const UsrsctpPath::Key& key, const SctpPacket& packet);
  [[nodiscard]] bool receive_cookie(const UsrsctpPath::Key& key, const SctpPacket& packet);
  [[nodiscard]] bool receive_late_shutdown(const UsrsctpPath::Key& key, const SctpPacket& packet);
  [[nodiscard]] bool receive_from_elsewhere(const UsrsctpPath::Key& key, const SctpPacket& packet);
  [[nodiscard]] bool prepare_listening();
  void forget_half_open(Timestamp now);

  UsrsctpStack& stack_;
  PacketSocket& socket_;
  TransportOptions options_;
  HandshakeGuard guard_;
  Welcome* welcome_ = nullptr;
  uint16_t listening_port_ = 0;
  std::map<UsrsctpPath::Key, UsrsctpPath*> paths_;
  std::map<UsrsctpPath::Key, HalfOpen> half_open_;
  std::deque<std::pair<UsrsctpPath::Key, Timestamp>> half_open_by_age_;
  std::unordered_map<uint32_t, UsrsctpPath*> by_tag_;
  std::map<UsrsctpPath::Key, Ended> ended_;
  uint64_t packets_dropped_ = 0;
};

}  // namespace mayfly
