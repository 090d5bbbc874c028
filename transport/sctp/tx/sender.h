#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/tx/outbox.h"
#include "transport/sctp/tx/outstanding.h"
#include "transport/sctp/tx/send_path.h"

namespace mayfly::sctp {

using MakeCongestionControl =
    std::function<std::unique_ptr<CongestionControl>(const WindowOptions&)>;

struct SenderOptions {
  OutboxOptions outbox{};
  RttOptions rtt{};
  WindowOptions window{};
  size_t burst_packets = 10;  // what pacing lets go at once
  MakeCongestionControl congestion;
};

// A chunk to be put into a packet now: it counts as sent.
struct ChunkToSend {
  UnwrappedTsn tsn;
  Fragment fragment;
  bool immediate = false;  // RFC 7053: the peer should acknowledge at once
};

// What a FORWARD TSN or I-FORWARD TSN is to say.
struct Skip {
  StreamId stream;
  bool ordered = true;
  StreamSequence ssn;     // of DATA, ordered only
  MessageIdentifier mid;  // of I-DATA
};
struct Forward {
  UnwrappedTsn cumulative;
  std::vector<Skip> skips;
};

struct SenderStats {
  uint64_t chunks_sent = 0;  // first transmissions
  uint64_t chunks_retransmitted = 0;
  uint64_t chunks_retransmitted_in_vain = 0;  // the peer had them
  uint64_t timeouts = 0;
};

// The sending half of an association's data: from messages to chunks, and from SACKs to what became
// of them. Pure: packets and time come and go as arguments; what is due is asked for.
class Sender {
 public:
  Sender(const SenderOptions& options, Tsn initial);

  // What the handshake found out of the peer; nothing is sent before.
  struct Peer {
    uint32_t a_rwnd = 0;
    bool forward_tsn = false;   // without it nothing is given up once sent (RFC 3758 3.3)
    bool interleaving = false;  // I-DATA
  };
  void connected(const Peer& peer);
  // A path more; the first is 0. At most kMaxPaths.
  PathId add_path();
  [[nodiscard]] SendPath& path(PathId id) { return paths_[id]; }
  [[nodiscard]] const SendPath& path(PathId id) const { return paths_[id]; }

  // As SendQueue::push() and abandon().
  [[nodiscard]] Result<void> push(Message message, const SendOptions& options, Timestamp now) {
    return outbox_.push(std::move(message), options, now);
  }
  void abandon(MessageId id) { outbox_.queue().abandon(id); }
  // Everything, for an association that ends.
  void abandon_all();

  // Whether there is a chunk for this path now.
  [[nodiscard]] bool wants_to_send(PathId path, Timestamp now);
  // The next chunk that takes at most `room` bytes of a packet, its header included.
  [[nodiscard]] std::optional<ChunkToSend> next_chunk(PathId path, Timestamp now, size_t room);
  // A packet with chunks of next_chunk() went out.
  void on_packet_sent(PathId path, size_t bytes, Timestamp now) {
    paths_[path].on_packet_sent(bytes, now);
  }
  // The skipping of abandoned messages, when the peer has to be told now; in `room` bytes. It
  // counts as sent.
  [[nodiscard]] std::optional<Forward> next_forward(PathId path, Timestamp now, size_t room);

  enum class Verdict : uint8_t { Taken, Stale, AcksUnsent };
  Verdict on_sack(const SackChunk& sack, Timestamp now);
  // The cumulative TSN of a SHUTDOWN (RFC 9260 9.2).
  Verdict on_cumulative(Tsn cumulative, Timestamp now);

  // On which paths went what was acknowledged since the last call, a bit each.
  [[nodiscard]] uint32_t take_heard() { return std::exchange(heard_, 0); }
  // The peer takes no chunk but one at a time (RFC 9260 6.1 A).
  [[nodiscard]] bool is_window_closed() const {
    return peer_window_ < options_.outbox.max_fragment_bytes;
  }

  // When on_time() is next wanted; also when pacing lets the next packet go on `path`.
  [[nodiscard]] std::optional<Timestamp> next_time(PathId path, Timestamp now);
  // Does what has become due. The answer: on which paths a T3-rtx ran out, a bit each.
  uint32_t on_time(Timestamp now);

  [[nodiscard]] std::vector<MessageFate> take_fates();
  [[nodiscard]] bool take_low() { return outbox_.queue().take_low(); }

  [[nodiscard]] const Outbox& outbox() const { return outbox_; }
  [[nodiscard]] const Outstanding& outstanding() const { return outstanding_; }
  [[nodiscard]] size_t header_bytes() const { return interleaving_ ? 20 : 16; }
  // Nothing waits, and nothing that was sent is unaccounted for.
  [[nodiscard]] bool is_idle() const { return outbox_.empty() && outstanding_.empty(); }
  [[nodiscard]] size_t buffered_bytes() const {
    return outbox_.waiting_bytes() + outstanding_.held_payload();
  }
  [[nodiscard]] const SenderStats& stats() const { return stats_; }

 private:
  struct Acked;  // what one SACK tells, by path
  void take_cumulative(UnwrappedTsn cumulative, Acked& acked);
  void take_gaps(const SackChunk& sack, UnwrappedTsn cumulative, Acked& acked, Timestamp now);
  void take_duplicates(const SackChunk& sack, Timestamp now);
  void note_acked(UnwrappedTsn tsn, const SentChunk& chunk, Acked& acked);
  void conclude(const Acked& acked, Timestamp now);
  void revive_taken_back(const SackChunk& sack, UnwrappedTsn cumulative, Timestamp now);
  void take_back(UnwrappedTsn tsn, Timestamp now);

  [[nodiscard]] const Transmission* oldest_in_flight(PathId path);
  void detect_losses(PathId path, Timestamp now);
  void check_missed(PathId path, Timestamp now, uint32_t& timed_out);
  void mark_lost(PathId path, UnwrappedTsn tsn, bool overtaken, Timestamp now);

  [[nodiscard]] bool may_give_up(const SentChunk& chunk, Timestamp now) const;
  void give_up(const std::shared_ptr<MessageInTransit>& message);
  void give_up_lost(Timestamp now);
  void advance_forward();
  [[nodiscard]] bool may_pass(const SentChunk& chunk) const;

  [[nodiscard]] bool window_takes(size_t payload) const;
  // The payload of the next fragment, when one waits.
  [[nodiscard]] std::optional<size_t> next_payload(Timestamp now);
  [[nodiscard]] std::optional<ChunkToSend> next_lost(PathId path, Timestamp now, size_t room);
  [[nodiscard]] std::optional<ChunkToSend> next_new(PathId path, Timestamp now, size_t room);
  [[nodiscard]] bool has_more(PathId path) const;
  [[nodiscard]] size_t wire_bytes(size_t payload) const {
    return header_bytes() + (payload + 3) / 4 * 4;
  }
  void tell(const MessageInTransit& message, Fate fate);

  SenderOptions options_;
  Outbox outbox_;
  Outstanding outstanding_;
  std::vector<SendPath> paths_;
  bool connected_ = false;
  bool partial_reliability_ = false;
  bool interleaving_ = false;
  size_t peer_window_ = 0;  // a_rwnd of the last SACK
  uint32_t heard_ = 0;
  // Sent again lately, to know a needless one by.
  struct Again {
    PathId path = 0;
    bool overtaken = false;
  };
  std::map<UnwrappedTsn, Again> sent_again_;
  // Advanced.Peer.Ack.Point of RFC 3758 3.5, and the telling of it.
  UnwrappedTsn forward_;
  bool forward_due_ = false;
  std::optional<Timestamp> forward_again_;
  std::vector<MessageFate> fates_;
  SenderStats stats_;
};

}  // namespace mayfly::sctp
