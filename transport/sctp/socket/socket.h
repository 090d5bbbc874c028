#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "transport/sctp/packet/cookie/unguessable_numbers.h"
#include "transport/sctp/packet/error_cause.h"
#include "transport/sctp/packet/packet_view.h"
#include "transport/sctp/rx/receiver.h"
#include "transport/sctp/socket/control_queue.h"
#include "transport/sctp/socket/handshake.h"
#include "transport/sctp/socket/peer_path.h"
#include "transport/sctp/tx/sender.h"
#include "transport/transport_event.h"

namespace mayfly::sctp {

// The states of RFC 9260 4 that have an association.
enum class SocketState : uint8_t {
  CookieWait,
  CookieEchoed,
  Established,
  ShutdownPending,
  ShutdownSent,
  ShutdownReceived,
  ShutdownAckSent,
  Closed,
};
[[nodiscard]] const char* to_string(SocketState state);

struct SocketStats {
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;
  TransportEventCounts events;
};

// One association (RFC 9260), and nothing else: packets, time and secrets come in as arguments,
// and what is to be done is asked for. Nothing is called back, so nothing is re-entered; a caller
//
//   hands in:  receive(), on_time(), send(), abandon(), shutdown(), abort()
//   and then asks, each until there is no more:  next_packet(), next_event(), has_message()
//   and when to come again:  next_time()
//
// INIT and COOKIE ECHO of the peer are not for it but for whoever knows all associations of a host
// (EngineEndpoint), which tells it what concerns it.
class Socket {
 public:
  struct Connected {};
  struct BufferLow {};
  struct Closed {
    Error reason;  // Closed: in good order
  };
  // The first is that the association is up, and the last before Closed how it ended.
  using Event = std::variant<Connected, BufferLow, MessageFate, TransportEvent, Closed>;

  // One that we begin. The first of `peer` gets the INIT. From `secret` follow the nonces of
  // heartbeats and the tie tags (RFC 5062); nobody else may know it.
  Socket(const SocketOptions& options, const LocalSide& local, uint16_t peer_port,
         const std::vector<IpEndpoint>& peer, const CookieSecret& secret, Timestamp now);
  // One whose cookie came back.
  Socket(const SocketOptions& options, const StateCookie& cookie, const CookieSecret& secret,
         Timestamp now);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // A packet with our ports from an address of the peer, or with our tag. Intact.
  void receive(const IpEndpoint& from, const PacketView& packet, Timestamp now);
  void on_time(Timestamp now);
  [[nodiscard]] std::optional<Timestamp> next_time(Timestamp now);

  struct Packet {
    IpEndpoint to;
    ByteView bytes;  // in the memory that was lent
  };
  // `memory` holds the largest packet.
  [[nodiscard]] std::optional<Packet> next_packet(Timestamp now, std::span<std::byte> memory);
  [[nodiscard]] std::optional<Event> next_event();
  [[nodiscard]] bool has_message() const { return receiver_ && receiver_->has_message(); }
  [[nodiscard]] Message take_message() { return receiver_->take_message(); }

  [[nodiscard]] Result<void> send(Message message, const SendOptions& options, Timestamp now) {
    return sender_.push(std::move(message), options, now);
  }
  void abandon(MessageId id) { sender_.abandon(id); }
  // RFC 9260 9.2.
  void shutdown(Timestamp now);
  // RFC 9260 9.1.
  void abort(const std::string& reason, ErrorCode code = ErrorCode::Io);

  // A cookie of ours came back, from this peer (RFC 9260 5.2.4).
  enum class CookieVerdict : uint8_t { Taken, Restart, Ignored };
  [[nodiscard]] CookieVerdict on_cookie(const StateCookie& cookie, Timestamp now);
  // The peer has begun anew, and this association is over (5.2.4.1).
  void on_restart();
  // What an INIT ACK to an INIT of this peer is to say (5.2.1, 5.2.2). `fresh` is used where a new
  // tag is asked for. Nothing: the INIT is to be ignored, and has been dealt with.
  [[nodiscard]] std::optional<InitAnswer> answer_to_init(const LocalSide& fresh);
  // The causes of an ABORT for an INIT that would begin anew from addresses that the peer did not
  // have: whoever can send from one of its addresses could else take it elsewhere (5.2.2).
  [[nodiscard]] std::optional<Bytes> refusal_of_restart(const IpEndpoint& from,
                                                        const InitParameters& parameters) const;

  [[nodiscard]] SocketState state() const { return state_; }
  [[nodiscard]] const LocalSide& local() const { return local_; }
  [[nodiscard]] uint16_t peer_port() const { return peer_port_; }
  // 0 until it is known.
  [[nodiscard]] VerificationTag peer_tag() const {
    return agreement_ ? agreement_->peer_tag : VerificationTag();
  }
  [[nodiscard]] const std::vector<PeerPath>& paths() const { return paths_; }
  // How often an address was confirmed or moved.
  [[nodiscard]] uint32_t address_changes() const { return address_changes_; }
  [[nodiscard]] PathId primary() const { return 0; }
  [[nodiscard]] PathId data_path() const { return data_path_; }
  [[nodiscard]] const Sender& sender() const { return sender_; }
  [[nodiscard]] const SocketOptions& options() const { return options_; }
  [[nodiscard]] uint16_t outgoing_streams() const;
  [[nodiscard]] bool is_open() const;  // takes messages
  [[nodiscard]] const SocketStats& stats() const { return stats_; }
  // What has arrived and was not fetched, whole or not, with its overhead.
  [[nodiscard]] size_t held_bytes() const {
    return receiver_ ? receiver_->reassembly().charged_bytes() : 0;
  }

 private:
  // A chunk that is repeated until it is answered: T1-init, T1-cookie, T2-shutdown.
  struct Repeated {
    Bytes chunk{};
    Duration wait{};
    Timestamp at = Timestamp::max();
    uint32_t sent = 0;
    Timestamp first_sent{};
  };

  // socket.cc
  void enter(SocketState state) { state_ = state; }
  void establish(const Agreement& agreement);
  PathId add_path(const IpEndpoint& address, bool confirmed);
  void repeat(Bytes chunk, Duration wait, Timestamp now);
  void close(Error reason);
  void note(TransportEvent event);
  void note(TransportEventKind kind, PathId path);
  void fail(const Bytes& causes, Error reason);
  void advance_shutdown(Timestamp now);
  [[nodiscard]] std::string peer() const { return to_string(paths_.front().address()); }
  // Without the causes where a packet does not hold them.
  void push_abort(const Bytes& causes);
  [[nodiscard]] size_t most_chunk_bytes() const;  // that a packet holds
  [[nodiscard]] bool carries_data() const;
  [[nodiscard]] bool takes_data() const;
  void collect();

  // socket_receive.cc
  [[nodiscard]] bool is_tag_right(const PacketView& packet, const ChunkView& first) const;
  [[nodiscard]] std::optional<PathId> path_of(const IpEndpoint& from) const;
  [[nodiscard]] bool take_chunk(const ChunkView& chunk, PathId path, Timestamp now);
  [[nodiscard]] bool take_unknown(const ChunkView& chunk, PathId path);
  void take_init_ack(const InitAckChunk& chunk, Timestamp now);
  void take_cookie_ack(Timestamp now);
  void take_data_verdict(Receiver::Verdict verdict, StreamId stream, Tsn tsn, PathId path);
  void take_data(const ChunkView& chunk, PathId path);
  void take_forward(const ChunkView& chunk);
  void take_sack(const SackChunk& chunk, Timestamp now);
  void take_heartbeat_ack(ByteView info, PathId path, const IpEndpoint& from, Timestamp now);
  void take_abort(ByteView causes);
  void take_error(ByteView causes, Timestamp now);
  void take_shutdown(Tsn cumulative, Timestamp now);
  void take_shutdown_ack(PathId path);
  void protocol_violation(const std::string& what);

  // socket_time.cc
  void on_repeat_time();
  void on_heartbeat_time(PathId path, Timestamp now);
  void count_error(PathId path);
  void hear_from(PathId path);
  void choose_data_path();
  void probe(const IpEndpoint& from, Timestamp now);

  // socket_send.cc
  [[nodiscard]] PacketBuilder builder_for(std::span<std::byte> memory, bool is_init) const;
  [[nodiscard]] std::optional<Packet> finish(PacketBuilder& builder, const IpEndpoint& to);
  // Leaves room for a chunk of `reserved` bytes.
  void add_sack(PacketBuilder& builder, size_t reserved = 0);
  void add_data(PacketBuilder& builder, PathId path, Timestamp now);
  void add_forward(PacketBuilder& builder, PathId path, Timestamp now);

  SocketOptions options_;
  LocalSide local_;
  uint16_t peer_port_;
  UnguessableNumbers numbers_;
  // RFC 9260 1.3, Tie-Tags: stand for the tags of both ends in a cookie, and do not reveal them.
  uint64_t local_tie_tag_;
  uint64_t peer_tie_tag_;
  SocketState state_;
  std::vector<PeerPath> paths_;
  uint32_t address_changes_ = 0;
  PathId data_path_ = 0;
  PathId heard_path_ = 0;  // where the last DATA came from: SACKs go there
  Sender sender_;
  std::optional<Receiver> receiver_;
  std::optional<Agreement> agreement_;
  ControlQueue control_;
  Repeated repeated_;
  std::optional<Timestamp> shutdown_until_;
  uint32_t errors_ = 0;  // in a row, on all paths (RFC 9260 8.1)
  bool has_data_in_packet_ = false;
  // A heartbeat to an address the peer may have moved to.
  struct Probe {
    IpEndpoint to;
    uint64_t nonce = 0;
    Timestamp until{};
    bool sent = false;
  };
  std::optional<Probe> probe_;
  std::deque<Event> events_;
  SocketStats stats_;
};

}  // namespace mayfly::sctp
