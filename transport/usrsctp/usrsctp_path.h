#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "transport/ip_endpoint.h"
#include "transport/packet_socket.h"
#include "transport/usrsctp/handshake_guard.h"
#include "transport/usrsctp/sctp_packet.h"
#include "transport/usrsctp/usrsctp_stack.h"

namespace mayfly {

class UsrsctpEndpoint;

// The way of one association's packets: between an address of the stack and an IP address and port
// of the peer. Knows from the packets themselves what the stack does not tell: the verification
// tags, how far both sides have come, what was sent again, why the peer aborted.
class UsrsctpPath final : public UsrsctpStack::PacketRoute {
 public:
  // What identifies the association in packets that come in.
  struct Key {
    IpEndpoint remote;
    uint16_t remote_port = 0;  // SCTP's
    uint16_t local_port = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // Gets an address of the stack at once, and packets of the peer from open() on.
  UsrsctpPath(UsrsctpEndpoint& endpoint, const Key& key);
  ~UsrsctpPath() override;
  UsrsctpPath(const UsrsctpPath&) = delete;
  UsrsctpPath& operator=(const UsrsctpPath&) = delete;

  [[nodiscard]] UsrsctpAddress address() const { return address_; }
  [[nodiscard]] const Key& key() const { return key_; }
  [[nodiscard]] UsrsctpEndpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] uint32_t local_tag() const { return local_tag_; }
  // Of an association that we begin: the stack has chosen its port, and the tag is in the INIT.
  void open(uint16_t local_port);
  // Of one that a peer began, and whose cookie came back with this tag.
  void open_accepted(uint32_t local_tag);
  void set_member(UsrsctpStack::MemberId member) { member_ = member; }
  // The association has ended in good order: late SHUTDOWN ACKs of the peer are answered for a
  // while after this path has gone.
  void set_ended_in_order() { ended_in_order_ = true; }

  // The peer has begun a new association from the same ports; this one is over.
  void set_replaced();
  [[nodiscard]] bool is_replaced() const { return replaced_; }

  // Whether the peer may send this packet: it carries the right tag (RFC 9260 8.5).
  [[nodiscard]] bool admits(const SctpPacket& packet) const;
  // Hands a packet of the peer to the stack.
  void receive(const SctpPacket& packet);
  // A packet with the right tag, but from elsewhere: the peer behind its NAT, or somebody who
  // copied it. The path moves only when the packet is new and must come from the peer.
  void receive_from_elsewhere(const IpEndpoint& from, const SctpPacket& packet);

  void transmit(ByteView packet) override;
  // Asked of the stack by the association, which owns the socket; see receive_from_elsewhere().
  [[nodiscard]] bool wants_probe() const { return probed_.has_value() && !probe_sent_; }
  template <class Demand>
  void probe(const Demand& demand_heartbeat) {
    probe_sent_ = true;
    reply_to_ = probed_;
    demand_heartbeat();
    reply_to_.reset();
  }

  [[nodiscard]] uint64_t packets_sent() const { return packets_sent_; }
  [[nodiscard]] uint64_t packets_received() const { return packets_received_; }
  [[nodiscard]] uint64_t chunks_retransmitted() const { return chunks_retransmitted_; }
  // What the peer's ABORT said, if one came.
  [[nodiscard]] const std::optional<std::string>& abort_reason() const { return abort_reason_; }

 private:
  [[nodiscard]] bool is_progress(const SctpPacket& packet) const;
  void note_received(const SctpPacket& packet);
  void note_sent(const SctpPacket& packet);
  void note_tag(uint32_t tag);

  UsrsctpEndpoint& endpoint_;
  std::shared_ptr<UsrsctpEndpoint> kept_;  // once open: an association outlives its transport
  Key key_;
  UsrsctpAddress address_;
  UsrsctpStack::MemberId member_ = 0;
  bool is_open_ = false;
  bool ended_in_order_ = false;
  bool replaced_ = false;
  uint32_t local_tag_ = 0;   // what the peer must write; 0: not chosen yet
  uint32_t remote_tag_ = 0;  // what we write
  std::optional<uint32_t> highest_tsn_sent_;
  std::optional<uint32_t> highest_tsn_received_;
  std::optional<uint32_t> highest_ack_received_;
  std::optional<IpEndpoint> reply_to_;  // for the packets of one call only
  std::optional<IpEndpoint> probed_;    // where the peer may have moved to
  bool probe_sent_ = false;
  uint64_t packets_sent_ = 0;
  uint64_t packets_received_ = 0;
  uint64_t chunks_retransmitted_ = 0;
  std::optional<std::string> abort_reason_;
};

}  // namespace mayfly
