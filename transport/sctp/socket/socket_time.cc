// What an association does when time has passed (RFC 9260 5.1, 8, 9.2).
#include <fmt/format.h>

#include <algorithm>

#include "transport/sctp/packet/chunk/heartbeat_chunk.h"
#include "transport/sctp/packet/chunk/shutdown_chunk.h"
#include "transport/sctp/socket/socket.h"

namespace mayfly::sctp {
namespace {

// How long the peer has to answer from an address it may have moved to, and how long the next
// probe waits at least.
constexpr Duration kProbeInterval = 200ms;
// An address that the peer named and that never answered gets so many heartbeats in quick
// succession and then few: whoever lives there may never have heard of us (RFC 5062 2.2).
constexpr uint32_t kUnconfirmedProbes = 5;

}  // namespace

std::optional<Timestamp> Socket::next_time(Timestamp now) {
  if (state_ == SocketState::Closed) return std::nullopt;
  std::optional<Timestamp> next = sender_.next_time(data_path_, now);
  const auto at = [&](Timestamp when) { next = next ? std::min(*next, when) : when; };
  if (repeated_.at != Timestamp::max()) at(repeated_.at);
  if (shutdown_until_) at(*shutdown_until_);
  if (takes_data()) {
    if (receiver_->next_time()) at(*receiver_->next_time());
    for (const PeerPath& path : paths_) at(path.heartbeat_at());
  }
  return next;
}

void Socket::on_time(Timestamp now) {
  if (state_ == SocketState::Closed) return;
  if (shutdown_until_ && *shutdown_until_ <= now) {
    // T5-shutdown-guard (RFC 9260 9.2).
    Bytes causes;
    CauseWriter(causes).user_initiated_abort("the shutdown took too long");
    if (state_ == SocketState::ShutdownReceived || state_ == SocketState::ShutdownAckSent) {
      fail(causes, {ErrorCode::Closed, fmt::format("{} said goodbye", peer())});
    } else {
      fail(causes, {ErrorCode::Timeout,
                    fmt::format("aborted: {} did not answer the goodbye in time", peer())});
    }
    return;
  }
  const uint32_t timed_out = sender_.on_time(now);
  for (PathId id = 0; id < paths_.size(); ++id) {
    if ((timed_out >> id & 1U) != 0) count_error(id);
    if (state_ == SocketState::Closed) return;
    if (takes_data() && paths_[id].heartbeat_at() <= now) on_heartbeat_time(id, now);
    if (state_ == SocketState::Closed) return;
  }
  if (repeated_.at <= now) on_repeat_time();
  if (state_ != SocketState::Closed) advance_shutdown(now);
}

void Socket::on_repeat_time() {
  const TransportOptions& transport = options_.transport;
  const bool setting_up = state_ == SocketState::CookieWait || state_ == SocketState::CookieEchoed;
  const uint32_t limit = setting_up ? transport.max_init_attempts : transport.max_retransmissions;
  // What was sent is only counted when it is sent: next_packet() sets the time of the next.
  if (repeated_.sent <= limit) return;
  if (setting_up) {
    close({ErrorCode::Timeout, fmt::format("{} does not answer", peer())});
  } else if (state_ == SocketState::ShutdownAckSent) {
    close({ErrorCode::Closed, fmt::format("{} said goodbye", peer())});
  } else {
    close({ErrorCode::Timeout, fmt::format("{} does not answer any more", peer())});
  }
}

void Socket::on_heartbeat_time(PathId id, Timestamp now) {
  PeerPath& path = paths_[id];
  if (path.is_waiting()) {
    path.miss_heartbeat();
    count_error(id);
    if (state_ == SocketState::Closed) return;
  }
  // RFC 9260 8.3. One that was missed is followed by the next at once, so that a dead peer is
  // noticed in Association.Max.Retrans timeouts and not in as many heartbeat intervals.
  const Duration rto = sender_.path(id).retransmission_timeout();
  const Duration most = std::max(options_.transport.rto_max, rto);
  const uint32_t patient =
      path.is_confirmed() ? options_.transport.path_max_retransmissions : kUnconfirmedProbes;
  const Duration wait = path.errors() > patient
                            ? std::max(most, options_.transport.heartbeat_interval)
                            : std::min(rto * (int64_t{1} << std::min(path.errors(), 8U)), most);
  const uint64_t nonce = path.begin_heartbeat(numbers_, now, now + wait);
  Bytes info;
  ByteWriter(info).u64(nonce);
  control_.push(id, HeartbeatChunk{.info = info});
}

void Socket::count_error(PathId id) {
  // RFC 9260 8.1, 8.2. An address that was never confirmed says nothing of the peer.
  const bool was_active = paths_[id].is_active();
  paths_[id].on_error(options_.transport.path_max_retransmissions);
  if (paths_[id].is_confirmed()) ++errors_;
  if (errors_ > options_.transport.max_retransmissions) {
    close({ErrorCode::Timeout, fmt::format("{} does not answer any more", peer())});
    return;
  }
  if (was_active && !paths_[id].is_active()) note(TransportEventKind::PathUnreachable, id);
  choose_data_path();
}

void Socket::hear_from(PathId id) {
  errors_ = 0;
  const bool was_active = paths_[id].is_active();
  paths_[id].on_answer();
  if (!was_active && paths_[id].is_active()) note(TransportEventKind::PathReachable, id);
}

void Socket::choose_data_path() {
  // The primary as long as it answers; else whichever has missed least (RFC 9260 6.4, and RFC 7829:
  // the first timeout moves the data, since waiting for the path to be declared dead takes long).
  PathId best = primary();
  for (PathId id = 0; id < paths_.size(); ++id) {
    if (!paths_[id].is_active()) continue;
    if (!paths_[best].is_active() || paths_[id].errors() < paths_[best].errors()) best = id;
  }
  data_path_ = best;
}

void Socket::probe(const IpEndpoint& from, Timestamp now) {
  if (state_ < SocketState::Established || (probe_ && now < probe_->until)) return;
  probe_ = Probe{.to = from, .nonce = numbers_.u64(), .until = now + kProbeInterval};
}

}  // namespace mayfly::sctp
