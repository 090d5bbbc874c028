// How an association fills its packets (RFC 9260 6.10).
#include <algorithm>

#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly::sctp {
namespace {

// A chunk's size was asked for before it was made.
void must(bool added) { MAYFLY_CHECK(added); }

template <class Chunk>
Chunk chunk_of(const ChunkToSend& next) {
  const MessageInTransit& message = *next.fragment.message;
  Chunk chunk;
  chunk.immediate = next.immediate;
  chunk.unordered = !message.ordered;
  chunk.beginning = next.fragment.begins();
  chunk.end = next.fragment.ends();
  chunk.tsn = next.tsn.wrap();
  chunk.stream = message.message.stream;
  chunk.ppid = message.message.ppid;
  chunk.payload = next.fragment.payload();
  return chunk;
}

}  // namespace

PacketBuilder Socket::builder_for(std::span<std::byte> memory, bool is_init) const {
  const VerificationTag tag = is_init || !agreement_ ? VerificationTag(0) : agreement_->peer_tag;
  return PacketBuilder({local_.port, peer_port_, tag},
                       memory.first(std::min(memory.size(), options_.transport.max_packet_bytes)));
}

std::optional<Socket::Packet> Socket::finish(PacketBuilder& builder, const IpEndpoint& to) {
  ++stats_.packets_sent;
  return Packet{to, builder.finish()};
}

std::optional<Socket::Packet> Socket::next_packet(Timestamp now, std::span<std::byte> memory) {
  // What the end of an association still has to say.
  if (state_ == SocketState::Closed && control_.empty()) return std::nullopt;

  if (probe_ && !probe_->sent) {
    probe_->sent = true;
    PacketBuilder builder = builder_for(memory, false);
    Bytes info;
    ByteWriter(info).u64(probe_->nonce);
    must(builder.add(HeartbeatChunk{.info = info}));
    return finish(builder, probe_->to);
  }
  if (repeated_.at <= now) {
    PacketBuilder builder = builder_for(memory, state_ == SocketState::CookieWait);
    if (state_ == SocketState::ShutdownSent) {
      // RFC 9260 9.2: with a SACK, or what came meanwhile would be acknowledged only in part.
      if (receiver_->has_news()) add_sack(builder, ShutdownChunk::kHeaderBytes);
      must(builder.add(ShutdownChunk{receiver_->cumulative()}));
    } else {
      must(builder.add(WholeChunk{repeated_.chunk}));
    }
    if (repeated_.sent++ == 0) repeated_.first_sent = now;
    repeated_.at = now + repeated_.wait;
    const Duration most = std::max(options_.transport.rto_initial, options_.transport.rto_max);
    repeated_.wait = std::min(2 * repeated_.wait, most);
    return finish(builder, paths_[data_path_].address());
  }
  if (!control_.empty()) {
    const PathId path = control_.front().path;
    PacketBuilder builder = builder_for(memory, false);
    control_.fill(builder);
    if (builder.is_empty()) return next_packet(now, memory);
    if (receiver_ && receiver_->has_news() && takes_data()) add_sack(builder);
    if (path == data_path_ && carries_data()) add_data(builder, path, now);
    return finish(builder, paths_[path].address());
  }
  if (!receiver_) return std::nullopt;

  const bool sack_due = takes_data() && receiver_->is_sack_due(now);
  const PathId path = sack_due ? heard_path_ : data_path_;
  PacketBuilder builder = builder_for(memory, false);
  // A SACK that could wait rides along when there is DATA to go with it.
  const bool has_data = carries_data() && path == data_path_ && sender_.wants_to_send(path, now);
  if (sack_due || (has_data && receiver_->has_news())) add_sack(builder);
  if (carries_data()) add_forward(builder, path, now);
  if (has_data) add_data(builder, path, now);
  if (builder.is_empty()) return std::nullopt;
  return finish(builder, paths_[path].address());
}

void Socket::add_sack(PacketBuilder& builder, size_t reserved) {
  if (builder.room() < SackChunk::kHeaderBytes + reserved) return;
  must(builder.add(receiver_->make_sack(builder.room() - reserved).chunk()));
}

void Socket::add_forward(PacketBuilder& builder, PathId path, Timestamp now) {
  const auto forward = sender_.next_forward(path, now, builder.room());
  if (!forward) return;
  const Tsn cumulative = forward->cumulative.wrap();
  if (agreement_->interleaving) {
    std::vector<SkippedMessage> skipped;
    for (const Skip& skip : forward->skips) {
      skipped.push_back({skip.stream, !skip.ordered, skip.mid});
    }
    must(builder.add(IForwardTsnChunk{cumulative, skipped}));
  } else {
    std::vector<SkippedSequence> skipped;
    for (const Skip& skip : forward->skips) skipped.push_back({skip.stream, skip.ssn});
    must(builder.add(ForwardTsnChunk{cumulative, skipped}));
  }
}

void Socket::add_data(PacketBuilder& builder, PathId path, Timestamp now) {
  bool any = false;
  while (sender_.path(path).next_send() <= now || any) {
    const auto next = sender_.next_chunk(path, now, builder.room());
    if (!next) break;
    any = true;
    const MessageInTransit& message = *next->fragment.message;
    if (agreement_->interleaving) {
      auto chunk = chunk_of<IDataChunk>(*next);
      chunk.message = message.mid;
      chunk.fragment = FragmentSequence(next->fragment.fsn);
      must(builder.add(chunk));
    } else {
      auto chunk = chunk_of<DataChunk>(*next);
      chunk.sequence = message.ssn;
      must(builder.add(chunk));
    }
  }
  if (any) sender_.on_packet_sent(path, builder.bytes(), now);
}

}  // namespace mayfly::sctp
