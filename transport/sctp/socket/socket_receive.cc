// What an association does with the chunks it gets (RFC 9260 5 to 9).
#include <fmt/format.h>

#include <algorithm>

#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_ack_chunk.h"
#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_complete_chunk.h"
#include "transport/sctp/socket/chunk_bytes.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly::sctp {
namespace {

constexpr size_t kMaxEventsWaiting = 256;

}  // namespace

std::optional<PathId> Socket::path_of(const IpEndpoint& from) const {
  const auto found = std::find_if(paths_.begin(), paths_.end(),
                                  [&](const PeerPath& each) { return each.address() == from; });
  if (found == paths_.end()) return std::nullopt;
  return static_cast<PathId>(found - paths_.begin());
}

bool Socket::is_tag_right(const PacketView& packet, const ChunkView& first) const {
  const VerificationTag tag = packet.header().verification_tag;
  // RFC 9260 8.5.1 B, C: an ABORT or SHUTDOWN COMPLETE may reflect the tag that we sent.
  const auto is_reflected = [&] {
    if (const auto abort = AbortChunk::parse(first)) return abort->tag_is_reflected;
    if (const auto complete = ShutdownCompleteChunk::parse(first))
      return complete->tag_is_reflected;
    return false;
  };
  if (!is_reflected()) return tag == local_.tag;
  return agreement_ && tag == agreement_->peer_tag;
}

void Socket::receive(const IpEndpoint& from, const PacketView& packet, Timestamp now) {
  if (state_ == SocketState::Closed) return;
  ChunkReader chunks = packet.chunks();
  auto chunk = chunks.next();
  if (!chunk || !is_tag_right(packet, *chunk)) return;
  ++stats_.packets_received;
  const auto known = path_of(from);
  // RFC 6951 5.4: the tag is right, so it is the peer behind its NAT; but where answers go changes
  // only when it has shown that it is there.
  if (!known) probe(from, now);
  const PathId path = known.value_or(heard_path_);
  has_data_in_packet_ = false;
  for (; chunk; chunk = chunks.next()) {
    if (!take_chunk(*chunk, path, now) || state_ == SocketState::Closed) break;
    // An answer to a heartbeat that proves a new address.
    if (chunk->type == ChunkType::HeartbeatAck) {
      if (const auto ack = HeartbeatAckChunk::parse(*chunk)) {
        take_heartbeat_ack(ack->info, path, from, now);
      }
    }
  }
  if (state_ == SocketState::Closed) return;
  if (has_data_in_packet_) {
    heard_path_ = path;
    receiver_->on_packet_end(now);
  }
  advance_shutdown(now);
}

bool Socket::take_chunk(const ChunkView& chunk, PathId path, Timestamp now) {
  switch (chunk.type) {
    case ChunkType::Data:
    case ChunkType::IData: take_data(chunk, path); return true;
    case ChunkType::ForwardTsn:
    case ChunkType::IForwardTsn: take_forward(chunk); return true;
    case ChunkType::Sack:
      if (const auto sack = SackChunk::parse(chunk)) take_sack(*sack, now);
      return true;
    case ChunkType::InitAck:
      if (const auto init_ack = InitAckChunk::parse(chunk)) take_init_ack(*init_ack, now);
      return false;  // RFC 9260 6.10: it travels alone
    case ChunkType::CookieAck:
      if (state_ == SocketState::CookieEchoed) take_cookie_ack(now);
      return true;
    case ChunkType::Heartbeat:
      // RFC 9260 8.3: back to where it came from, as it is.
      if (const auto beat = HeartbeatChunk::parse(chunk)) {
        control_.push(path, HeartbeatAckChunk{.info = beat->info});
      }
      return true;
    case ChunkType::HeartbeatAck: return true;
    case ChunkType::Abort:
      if (const auto abort = AbortChunk::parse(chunk)) take_abort(abort->causes);
      return false;
    case ChunkType::Error:
      if (const auto error = ErrorChunk::parse(chunk)) take_error(error->causes, now);
      return true;
    case ChunkType::Shutdown:
      if (const auto shutdown = ShutdownChunk::parse(chunk)) {
        take_shutdown(shutdown->cumulative_tsn, now);
      }
      return true;
    case ChunkType::ShutdownAck: take_shutdown_ack(path); return false;
    case ChunkType::ShutdownComplete:
      if (state_ == SocketState::ShutdownAckSent) {
        close({ErrorCode::Closed, fmt::format("{} and this end said goodbye", peer())});
      }
      return false;
    case ChunkType::Init:        // the endpoint's
    case ChunkType::CookieEcho:  // the same; what follows it is ours
    case ChunkType::Pad: return true;
    case ChunkType::Ecne:
    case ChunkType::Cwr:
    case ChunkType::Auth:
    case ChunkType::AsconfAck:
    case ChunkType::Reconfig:
    case ChunkType::Asconf: break;
  }
  return take_unknown(chunk, path);
}

bool Socket::take_unknown(const ChunkView& chunk, PathId path) {
  // RFC 9260 3.2: the type itself says what is to be done with it.
  const UnknownRule rule = rule_for_unknown(chunk.type);
  if (rule.reports) {
    Bytes causes;
    CauseWriter(causes).unrecognized_chunk(chunk);
    control_.push(path, ErrorChunk{.causes = causes});
  }
  return rule.goes_on;
}

void Socket::take_init_ack(const InitAckChunk& chunk, Timestamp now) {
  if (state_ != SocketState::CookieWait) return;  // RFC 9260 5.2.3
  auto refusal = refusal_of(chunk.initiate_tag, chunk.outbound_streams, chunk.inbound_streams,
                            chunk.parameters);
  const auto parameters = InitParameters::parse(chunk.parameters);
  if (!refusal && !parameters->state_cookie) {
    refusal.emplace();
    const uint16_t missing[] = {static_cast<uint16_t>(ParameterType::StateCookie)};
    CauseWriter(refusal->causes).missing_mandatory_parameters(missing);
    refusal->reason = "it sent no cookie";
  }
  const CookieEchoChunk echo{.cookie = refusal ? ByteView() : *parameters->state_cookie};
  if (echo.bytes() > most_chunk_bytes()) {
    refusal.emplace();
    CauseWriter(refusal->causes).protocol_violation("a cookie that no packet holds");
    refusal->reason = fmt::format("its cookie of {} bytes fits no packet", echo.cookie.size());
  }
  if (refusal) {
    // RFC 9260 8.5.1 A: the peer knows only the tag it chose itself.
    agreement_.emplace();
    agreement_->peer_tag = chunk.initiate_tag;
    close({ErrorCode::Io, fmt::format("{} cannot be spoken with: {}", peer(), refusal->reason)});
    push_abort(refusal->causes);
    return;
  }
  agreement_ = agreement_of(options_, chunk, *parameters, paths_.front().address());
  SendPath& path = sender_.path(0);
  if (repeated_.sent == 1) path.rtt.sample(now - repeated_.first_sent, now);
  enter(SocketState::CookieEchoed);
  repeat(chunk_bytes(echo), path.retransmission_timeout(), now);
}

void Socket::take_cookie_ack(Timestamp now) {
  if (repeated_.sent == 1) sender_.path(0).rtt.sample(now - repeated_.first_sent, now);
  repeated_ = {};
  enter(SocketState::Established);
  establish(*agreement_);
  paths_.front().set_heartbeat_at(now + options_.transport.heartbeat_interval);
  if (shutdown_until_) enter(SocketState::ShutdownPending);
}

void Socket::take_data(const ChunkView& chunk, PathId path) {
  if (!takes_data()) return;
  has_data_in_packet_ = true;
  // RFC 9260 9.2: who has said SHUTDOWN acknowledges with it, at once.
  if (state_ == SocketState::ShutdownSent) {
    repeated_.at = Timestamp{};
    repeated_.sent = 1;
  }
  // RFC 8260 2.2.1: the one or the other, as agreed.
  if ((chunk.type == ChunkType::IData) != agreement_->interleaving) {
    protocol_violation("DATA and I-DATA are not for the same association");
  } else if (const auto data = DataChunk::parse(chunk)) {
    take_data_verdict(receiver_->on_data(*data), data->stream, data->tsn, path);
  } else if (const auto i_data = IDataChunk::parse(chunk)) {
    take_data_verdict(receiver_->on_i_data(*i_data), i_data->stream, i_data->tsn, path);
  }
}

void Socket::take_data_verdict(Receiver::Verdict verdict, StreamId stream, Tsn tsn, PathId path) {
  Bytes causes;
  CauseWriter writer(causes);
  switch (verdict) {
    case Receiver::Verdict::Taken:
    case Receiver::Verdict::Dropped: return;
    case Receiver::Verdict::NoSuchStream:
      writer.invalid_stream_identifier(stream);
      control_.push(path, ErrorChunk{.causes = causes});
      return;
    case Receiver::Verdict::NoPayload:
      writer.no_user_data(tsn);
      fail(causes, {ErrorCode::Malformed, fmt::format("{} sent DATA without payload", peer())});
      return;
    case Receiver::Verdict::MessageTooLarge:
      writer.out_of_resource();
      fail(causes,
           {ErrorCode::Exhausted, fmt::format("{} sent a message of more than {} bytes", peer(),
                                              options_.transport.max_received_message_bytes)});
      return;
  }
}

void Socket::take_forward(const ChunkView& chunk) {
  if (!takes_data()) return;
  // RFC 3758 3.6, RFC 8260 2.3.1: only when both know of it, and only the one that fits.
  if ((chunk.type == ChunkType::IForwardTsn) != agreement_->interleaving) {
    protocol_violation("FORWARD TSN of the wrong kind");
    return;
  }
  has_data_in_packet_ = true;
  if (const auto forward = ForwardTsnChunk::parse(chunk)) receiver_->on_forward(*forward);
  if (const auto forward = IForwardTsnChunk::parse(chunk)) receiver_->on_i_forward(*forward);
}

void Socket::take_sack(const SackChunk& chunk, Timestamp now) {
  if (state_ < SocketState::Established || state_ == SocketState::ShutdownAckSent) return;
  const UnwrappedTsn before = sender_.outstanding().cumulative();
  switch (sender_.on_sack(chunk, now)) {
    case Sender::Verdict::Taken: break;
    case Sender::Verdict::Stale: return;
    case Sender::Verdict::AcksUnsent: protocol_violation("a SACK of what was never sent"); return;
  }
  // RFC 9260 8.1, 8.2: an answer to something that was sent, to the path on which it went; and a
  // closed window that is answered is no failure (6.1 A).
  const uint32_t heard = sender_.take_heard();
  for (PathId id = 0; id < paths_.size(); ++id) {
    if ((heard >> id & 1U) != 0) hear_from(id);
  }
  const bool moved = sender_.outstanding().cumulative() > before;
  if (heard == 0 && (moved || sender_.is_window_closed())) hear_from(data_path_);
}

void Socket::take_heartbeat_ack(ByteView info, PathId id, const IpEndpoint& from, Timestamp now) {
  ByteReader reader(info);
  const uint64_t nonce = reader.u64();
  if (reader.failed()) return;
  if (probe_ && probe_->nonce == nonce && probe_->to == from) {
    // The peer is there: it has moved (RFC 6951 5.4).
    paths_[heard_path_].move_to(from);
    ++address_changes_;
    probe_.reset();
    return;
  }
  const bool was_confirmed = paths_[id].is_confirmed();
  if (const auto rtt = paths_[id].answer_heartbeat(nonce, now)) {
    if (!was_confirmed) {
      ++address_changes_;
      note(TransportEventKind::PathConfirmed, id);
    }
    hear_from(id);
    sender_.path(id).rtt.sample(*rtt, now);
    paths_[id].set_heartbeat_at(now + options_.transport.heartbeat_interval);
    choose_data_path();
  }
}

void Socket::take_abort(ByteView causes) {
  if (const auto text = user_abort_text(causes)) {
    close({ErrorCode::Io, fmt::format("{} aborted the association: {}", peer(), *text)});
  } else {
    close({ErrorCode::Io,
           fmt::format("{} aborted the association: {}", peer(), causes_text(causes))});
  }
}

void Socket::take_error(ByteView causes, Timestamp now) {
  // As many as the peer likes, and perhaps nobody who fetches them.
  if (events_.size() < kMaxEventsWaiting) {
    note({.kind = TransportEventKind::RemoteError, .detail = causes_text(causes)});
  }
  // RFC 9260 5.2.6: the cookie took too long; another INIT gets another one.
  if (state_ == SocketState::CookieEchoed && has_cause(causes, CauseCode::StaleCookie)) {
    enter(SocketState::CookieWait);
    repeat(make_init(options_, local_, {}), options_.handshake_wait, now);
  }
}

void Socket::take_shutdown(Tsn cumulative, Timestamp now) {
  if (state_ < SocketState::Established) return;
  if (state_ == SocketState::Established || state_ == SocketState::ShutdownPending ||
      state_ == SocketState::ShutdownReceived) {
    if (sender_.on_cumulative(cumulative, now) == Sender::Verdict::AcksUnsent) {
      protocol_violation("a SHUTDOWN that acknowledges what was never sent");
      return;
    }
    if (state_ != SocketState::ShutdownReceived) note({.kind = TransportEventKind::PeerShutdown});
    enter(SocketState::ShutdownReceived);
    if (!shutdown_until_) shutdown_until_ = now + options_.transport.shutdown_limit;
  } else if (state_ == SocketState::ShutdownSent) {
    // 9.2: both at once.
    note({.kind = TransportEventKind::PeerShutdown});
    enter(SocketState::ShutdownReceived);
  }
}

void Socket::take_shutdown_ack(PathId path) {
  if (state_ != SocketState::ShutdownSent && state_ != SocketState::ShutdownAckSent) return;
  close({ErrorCode::Closed, fmt::format("{} and this end said goodbye", peer())});
  control_.push(path, ShutdownCompleteChunk{});
}

void Socket::protocol_violation(const std::string& what) {
  Bytes causes;
  CauseWriter(causes).protocol_violation(what);
  fail(causes, {ErrorCode::Malformed, fmt::format("{} broke the protocol: {}", peer(), what)});
}

}  // namespace mayfly::sctp
