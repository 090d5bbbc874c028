#include "transport/sctp/socket/socket.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "transport/association_events.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_ack_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/socket/chunk_bytes.h"

namespace mayfly::sctp {
const char* to_string(SocketState state) {
  switch (state) {
    case SocketState::CookieWait: return "COOKIE-WAIT";
    case SocketState::CookieEchoed: return "COOKIE-ECHOED";
    case SocketState::Established: return "ESTABLISHED";
    case SocketState::ShutdownPending: return "SHUTDOWN-PENDING";
    case SocketState::ShutdownSent: return "SHUTDOWN-SENT";
    case SocketState::ShutdownReceived: return "SHUTDOWN-RECEIVED";
    case SocketState::ShutdownAckSent: return "SHUTDOWN-ACK-SENT";
    case SocketState::Closed: return "CLOSED";
  }
  return "";
}

Socket::Socket(const SocketOptions& options, const LocalSide& local, uint16_t peer_port,
               const std::vector<IpEndpoint>& peer, const CookieSecret& secret, Timestamp now)
    : options_(options),
      local_(local),
      peer_port_(peer_port),
      numbers_(secret),
      local_tie_tag_(numbers_.u64()),
      peer_tie_tag_(numbers_.u64()),
      state_(SocketState::CookieWait),
      sender_(sender_options(options), local.initial_tsn) {
  for (const IpEndpoint& address : peer) {
    if (paths_.size() < kMaxPaths) (void)add_path(address, paths_.empty());
  }
  repeat(make_init(options_, local_, {}), options_.handshake_wait, now);
}

Socket::Socket(const SocketOptions& options, const StateCookie& cookie, const CookieSecret& secret,
               Timestamp now)
    : options_(options),
      local_{cookie.local_port, cookie.local_tag, cookie.local_initial_tsn},
      peer_port_(cookie.peer_port),
      numbers_(secret),
      local_tie_tag_(numbers_.u64()),
      peer_tie_tag_(numbers_.u64()),
      state_(SocketState::Established),
      sender_(sender_options(options), cookie.local_initial_tsn) {
  (void)add_path(cookie.source, true);
  establish(agreement_of(cookie));
  control_.push(0, CookieAckChunk{});
  // A heartbeat at once: it measures the round trip, and confirms further addresses (RFC 9260 5.4).
  for (PeerPath& path : paths_) path.set_heartbeat_at(now);
}

PathId Socket::add_path(const IpEndpoint& address, bool confirmed) {
  paths_.emplace_back(address, confirmed);
  return sender_.add_path();
}

void Socket::establish(const Agreement& agreement) {
  agreement_ = agreement;
  for (const IpEndpoint& address : agreement.addresses) {
    if (path_of(address) || paths_.size() == kMaxPaths) continue;
    (void)add_path(address, false);
  }
  receiver_.emplace(
      ReceiverOptions{.window_bytes = announced_window(options_),
                      .max_message_bytes = options_.transport.max_received_message_bytes,
                      .streams = agreement.incoming_streams,
                      .sack_delay = options_.transport.sack_delay,
                      .sack_frequency = std::max(options_.transport.sack_frequency, 1U)},
      agreement.peer_initial_tsn, agreement.interleaving);
  sender_.connected({.a_rwnd = agreement.peer_a_rwnd,
                     .forward_tsn = agreement.forward_tsn,
                     .interleaving = agreement.interleaving});
  note({.kind = TransportEventKind::AssociationUp,
        .detail = fmt::format("{} streams out", agreement.outgoing_streams)});
  events_.emplace_back(Connected{});
}

uint16_t Socket::outgoing_streams() const {
  return agreement_ ? agreement_->outgoing_streams : options_.transport.streams;
}

bool Socket::is_open() const { return state_ <= SocketState::Established && !shutdown_until_; }

bool Socket::carries_data() const {
  return state_ >= SocketState::CookieEchoed && state_ != SocketState::ShutdownSent &&
         state_ != SocketState::ShutdownAckSent && state_ != SocketState::Closed;
}

bool Socket::takes_data() const {
  // Who has received SHUTDOWN gets no more DATA, but may still have some to acknowledge.
  return state_ >= SocketState::Established && state_ <= SocketState::ShutdownReceived;
}

void Socket::repeat(Bytes chunk, Duration wait, Timestamp now) {
  repeated_ = {.chunk = std::move(chunk), .wait = wait, .at = now};
}

std::optional<Socket::Event> Socket::next_event() {
  collect();
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void Socket::collect() {
  // The last event is the end.
  if (!events_.empty() && std::holds_alternative<Closed>(events_.back())) return;
  for (const MessageFate& fate : sender_.take_fates()) {
    if (fate.fate == Fate::AbandonedSent) {
      note(send_failed_event({fate.id, fate.stream, Abandonment::Sent}));
    }
    events_.emplace_back(fate);
  }
  if (state_ != SocketState::Closed && sender_.take_low()) events_.emplace_back(BufferLow{});
}

void Socket::shutdown(Timestamp now) {
  if (state_ == SocketState::Closed || shutdown_until_) return;
  shutdown_until_ = now + options_.transport.shutdown_limit;
  if (state_ == SocketState::CookieWait && sender_.is_idle()) {
    close({ErrorCode::Closed, fmt::format("the association with {} was given up", peer())});
    return;
  }
  if (state_ == SocketState::Established) enter(SocketState::ShutdownPending);
  advance_shutdown(now);
}

void Socket::advance_shutdown(Timestamp now) {
  // RFC 9260 9.2: not before the peer has acknowledged everything.
  if (!sender_.is_idle()) return;
  const Duration rto = sender_.path(data_path_).retransmission_timeout();
  if (state_ == SocketState::ShutdownPending) {
    enter(SocketState::ShutdownSent);
    repeat(chunk_bytes(ShutdownChunk{receiver_->cumulative()}), rto, now);
  } else if (state_ == SocketState::ShutdownReceived) {
    enter(SocketState::ShutdownAckSent);
    repeat(chunk_bytes(ShutdownAckChunk{}), rto, now);
  }
}

void Socket::abort(const std::string& reason, ErrorCode code) {
  if (state_ == SocketState::Closed) return;
  Bytes causes;
  CauseWriter(causes).user_initiated_abort(reason);
  fail(causes, {code, "aborted: " + reason});
}

void Socket::fail(const Bytes& causes, Error reason) {
  const bool peer_knows_us = state_ != SocketState::CookieWait;
  close(std::move(reason));
  if (peer_knows_us) push_abort(causes);
}

void Socket::push_abort(const Bytes& causes) {
  const AbortChunk whole{.causes = causes};
  control_.push(data_path_, whole.bytes() <= most_chunk_bytes() ? whole : AbortChunk{});
}

size_t Socket::most_chunk_bytes() const {
  return (options_.transport.max_packet_bytes - kCommonHeaderBytes) / 4 * 4;
}

void Socket::close(Error reason) {
  if (state_ == SocketState::Closed) return;
  enter(SocketState::Closed);
  repeated_ = {};
  control_.clear();
  probe_.reset();
  sender_.abandon_all();
  collect();
  note(end_event(reason, receiver_.has_value()));
  events_.emplace_back(Closed{std::move(reason)});
}

void Socket::note(TransportEvent event) {
  stats_.events.add(event.kind);
  events_.emplace_back(std::move(event));
}

void Socket::note(TransportEventKind kind, PathId path) {
  note({.kind = kind, .address = to_string(paths_[path].address())});
}

Socket::CookieVerdict Socket::on_cookie(const StateCookie& cookie, Timestamp now) {
  if (state_ == SocketState::Closed) return CookieVerdict::Ignored;
  const bool local_is_same = cookie.local_tag == local_.tag;
  const bool peer_is_same = agreement_ && cookie.peer_tag == agreement_->peer_tag;
  // RFC 9260 5.2.4, table 12. D: the COOKIE ACK was lost, or it crossed ours.
  if (local_is_same && peer_is_same) {
    if (state_ == SocketState::CookieEchoed) take_cookie_ack(now);
    control_.push(0, CookieAckChunk{});
    return CookieVerdict::Taken;
  }
  // B: both began at once.
  if (local_is_same) {
    if (state_ != SocketState::CookieWait && state_ != SocketState::CookieEchoed) {
      return CookieVerdict::Ignored;
    }
    repeated_ = {};
    enter(SocketState::Established);
    agreement_.reset();
    establish(agreement_of(cookie));
    control_.clear();
    control_.push(0, CookieAckChunk{});
    if (shutdown_until_) enter(SocketState::ShutdownPending);
    return CookieVerdict::Taken;
  }
  // A: the peer has begun anew; C, and everything else, is an old one.
  const bool ties = agreement_ && cookie.local_tie_tag == local_tie_tag_ &&
                    cookie.peer_tie_tag == peer_tie_tag_ && !peer_is_same;
  return ties ? CookieVerdict::Restart : CookieVerdict::Ignored;
}

void Socket::on_restart() {
  note({.kind = TransportEventKind::AssociationRestarted});
  close({ErrorCode::Io, fmt::format("{} restarted and forgot the association", peer())});
}

std::optional<Bytes> Socket::refusal_of_restart(const IpEndpoint& from,
                                                const InitParameters& parameters) const {
  if (state_ < SocketState::Established || state_ == SocketState::ShutdownAckSent) {
    return std::nullopt;
  }
  Bytes addresses;
  InitParameterWriter writer(addresses);
  for (IpEndpoint address : parameters.addresses) {
    address.port = from.port;
    if (!path_of(address)) writer.address(address);
  }
  if (addresses.empty()) return std::nullopt;
  Bytes causes;
  CauseWriter(causes).restart_with_new_addresses(addresses);
  return causes;
}

std::optional<InitAnswer> Socket::answer_to_init(const LocalSide& fresh) {
  // RFC 9260 9.2: it is the last SHUTDOWN ACK that was lost.
  if (state_ == SocketState::ShutdownAckSent) {
    control_.push(data_path_, ShutdownAckChunk{});
    return std::nullopt;
  }
  // 5.2.1: with our own tag, so that the cookie fits the association that is being made.
  if (state_ == SocketState::CookieWait || state_ == SocketState::CookieEchoed) {
    return InitAnswer{.local = local_, .local_tie_tag = 0, .peer_tie_tag = 0};
  }
  return InitAnswer{.local = fresh, .local_tie_tag = local_tie_tag_, .peer_tie_tag = peer_tie_tag_};
}

}  // namespace mayfly::sctp
