#include "transport/usrsctp/usrsctp_association.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/quantity.h"

namespace mayfly {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

Result<std::unique_ptr<Association>> UsrsctpAssociation::connect(
    std::shared_ptr<UsrsctpEndpoint> endpoint, const IpEndpoint& to, uint16_t remote_port) {
  ASSIGN_OR_RETURN(UsrsctpSocket socket, open_usrsctp_socket());
  RETURN_IF_ERROR(configure(*socket, endpoint->options(), endpoint->max_packet_bytes()));
  auto path = std::make_unique<UsrsctpPath>(
      *endpoint, UsrsctpPath::Key{.remote = to, .remote_port = remote_port});
  RETURN_IF_ERROR(bind_to(*socket, path->address(), 0));
  ASSIGN_OR_RETURN(const uint16_t port, local_port(*socket));
  path->open(port);
  const UsrsctpAddress address = path->address();
  std::unique_ptr<UsrsctpAssociation> association(
      new UsrsctpAssociation(std::move(socket), std::move(path), State::Connecting));
  RETURN_IF_ERROR(begin_association(*association->socket_, address, remote_port));
  return association;
}

std::unique_ptr<UsrsctpAssociation> UsrsctpAssociation::accepted(
    UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path) {
  std::unique_ptr<UsrsctpAssociation> association(
      new UsrsctpAssociation(std::move(socket), std::move(path), State::Connecting));
  association->on_up();
  return association;
}

UsrsctpAssociation::UsrsctpAssociation(UsrsctpSocket socket, std::unique_ptr<UsrsctpPath> path,
                                       State state)
    : socket_(std::move(socket)),
      path_(std::move(path)),
      member_(stack().add_member(*this)),
      state_(state),
      outgoing_streams_(options().streams),
      queue_(options().send_queue_bytes, options().send_queue_low_bytes),
      assembler_(options().max_received_message_bytes),
      events_([this] {
        if (!in_round_) stack().wake(member_);
      }) {
  path_->set_member(member_);
  stack().wake_on_events(*socket_, member_);
}

UsrsctpAssociation::~UsrsctpAssociation() {
  stack().remove_member(member_);
  socket_.reset();  // before the path: an ABORT may still have to leave
}

void UsrsctpAssociation::set_observer(Observer* observer) {
  observed_ = observer != nullptr;
  events_.set_observer(observer);
  if (observed_) stack().wake(member_);  // there may be something to read
}

Result<void> UsrsctpAssociation::send(Message message, const SendOptions& options) {
  if (state_ != State::Connecting && state_ != State::Open) {
    return failure(ErrorCode::Closed, fmt::format("the association with {} is closed", peer()));
  }
  if (shutdown_until_) {
    return failure(ErrorCode::Closed, fmt::format("{} is being said goodbye to", peer()));
  }
  RETURN_IF_ERROR(check_message(message, options, max_message_bytes(), outgoing_streams_));
  const StreamId stream = message.stream;
  const size_t bytes = message.payload.size();
  RETURN_IF_ERROR(queue_.push(std::move(message), options, stack().now()));
  StreamStats& stats = streams_[stream];
  ++stats.messages_sent;
  stats.bytes_sent += bytes;
  stack().wake(member_);
  return {};
}

void UsrsctpAssociation::abandon(MessageId id) {
  queue_.abandon(id);
  stack().wake(member_);
}

size_t UsrsctpAssociation::buffered_bytes() const {
  return queue_.queued_bytes() + (socket_ ? send_backlog_bytes(*socket_) : 0);
}

size_t UsrsctpAssociation::max_message_bytes() const { return largest_message_bytes(options()); }

size_t UsrsctpAssociation::max_chunk_payload_bytes() const {
  const size_t packet = (path_->endpoint().max_packet_bytes() - kSctpHeaderBytes) / 4 * 4;
  return packet - kDataChunkHeaderBytes;
}

std::string UsrsctpAssociation::peer() const { return to_string(path_->key().remote); }

AssociationStats UsrsctpAssociation::stats() const {
  AssociationStats stats;
  stats.stack = "usrsctp";
  stats.congestion_control = "rfc9260";
  if (const auto status = socket_ ? status_of(*socket_) : std::nullopt) {
    stats.paths.push_back({.address = peer(),
                           .active = status->path_active,
                           .primary = true,
                           .smoothed_rtt = status->smoothed_rtt,
                           .retransmission_timeout = status->retransmission_timeout,
                           .congestion_window_bytes = status->congestion_window_bytes,
                           .mtu_bytes = status->mtu_bytes});
  } else if (last_path_) {
    stats.paths.push_back(*last_path_);
  }
  stats.outstanding_bytes = socket_ ? send_backlog_bytes(*socket_) : 0;
  stats.queued_bytes = queue_.queued_bytes();
  stats.packets_sent = path_->packets_sent();
  stats.packets_received = path_->packets_received();
  stats.chunks_retransmitted = path_->chunks_retransmitted();
  stats.partial_deliveries_aborted = assembler_.aborted();
  stats.messages_refused = queue_.refused();
  stats.streams = streams_;
  stats.events = events_.counts();
  return stats;
}

void UsrsctpAssociation::on_round(Timestamp now) {
  in_round_ = true;
  if (path_->is_replaced() && state_ != State::Closed) {
    finish({ErrorCode::Io, fmt::format("{} restarted and forgot the association", peer())});
  }
  if (observed_ && state_ != State::Closed) read();
  if (socket_ && path_->wants_probe()) {
    path_->probe(
        [this] { demand_heartbeat(*socket_, path_->address(), path_->key().remote_port); });
  }
  pump(now);
  in_round_ = false;
  events_.deliver();
}

void UsrsctpAssociation::on_tick(Timestamp now) {
  if (state_ == State::Closed) return;
  if (state_ != State::Connecting && now >= heartbeat_due_) check_liveness(now);
  if (state_ == State::Closed) return;
  if (shutdown_until_ && now >= *shutdown_until_) {
    abort(fmt::format("shutdown took longer than {}", to_text(options().shutdown_limit)));
    return;
  }
  if (!queue_.empty() || shutdown_until_) pump(now);
}

// The stack itself would notice on a path without data only after that many of its own, rarer
// heartbeats.
void UsrsctpAssociation::check_liveness(Timestamp now) {
  const TransportOptions& settings = options();
  if (path_->packets_received() != packets_heard_) {
    packets_heard_ = path_->packets_received();
    last_heard_ = now;
  }
  const Duration patience = std::max<Duration>(settings.max_retransmissions * settings.rto_max,
                                               3 * settings.demand_heartbeat_interval);
  if (now - last_heard_ >= patience) {
    finish(loss());
    return;
  }
  heartbeat_due_ = now + settings.demand_heartbeat_interval;
  remember_path();
  demand_heartbeat(*socket_, path_->address(), path_->key().remote_port);
}

void UsrsctpAssociation::read() {
  while (state_ != State::Closed && read_once()) {
  }
  // What failed with the association is told before its end, but not always by one read.
  if (ending_ && state_ != State::Closed) finish(*ending_);
}

bool UsrsctpAssociation::read_once() {
  return std::visit(Overloaded{
                        [&](NothingToRead) {
                          if (socket_failed_ && !ending_) ending_ = loss();
                          return false;
                        },
                        [&](EndOfStream) {
                          if (!ending_ && state_ != State::Connecting) ending_ = loss();
                          return false;
                        },
                        [&](ReadFailed) {  // told once; what is left to read comes after it
                          if (!std::exchange(socket_failed_, true)) return true;
                          if (!ending_) ending_ = loss();
                          return false;
                        },
                        [&](const NotificationPart& part) {
                          if (!in_notification_) take_notification(part.bytes);
                          in_notification_ = !part.ends;
                          return true;
                        },
                        [&](const MessagePiece& piece) {
                          take_piece(piece);
                          return true;
                        },
                    },
                    read_from(*socket_));
}

void UsrsctpAssociation::take_notification(ByteView bytes) {
  const auto notification = parse_notification(bytes);
  if (!notification) return;
  std::visit(
      Overloaded{
          [&](AssociationUp) { on_up(); },
          [&](AssociationLost) { ending_ = loss(); },
          [&](AssociationShutDown) { ending_ = good_end(); },
          [&](PeerShutsDown) { on_peer_shuts_down(); },
          [&](PeerRestarted) {
            events_.push(TransportEvent{.kind = TransportEventKind::AssociationRestarted});
            path_->set_replaced();
          },
          [&](const ChunkAbandoned& chunk) { ledger_.chunk_abandoned(chunk.token, chunk.what); },
          [&](const PartialDeliveryAborted& aborted) {
            events_.push(TransportEvent{.kind = TransportEventKind::PartialDeliveryAborted,
                                        .stream = aborted.stream});
            assembler_.abort_stream(aborted.stream);
          },
          [&](TransportEvent event) {
            if (is_of_path(event.kind)) event.address = peer();
            events_.push(std::move(event));
          },
      },
      *notification);
}

void UsrsctpAssociation::take_piece(const MessagePiece& piece) {
  auto message = assembler_.add(piece);
  if (!message) {
    abort(message.error().message);
    return;
  }
  if (!*message) return;
  StreamStats& stats = streams_[piece.stream];
  ++stats.messages_received;
  stats.bytes_received += (*message)->payload.size();
  events_.push(std::move(**message));
}

void UsrsctpAssociation::on_up() {
  if (state_ != State::Connecting) return;
  state_ = shutdown_until_ ? State::Draining : State::Open;
  bound_rto(*socket_, options());
  last_heard_ = stack().now();
  heartbeat_due_ = last_heard_ + options().demand_heartbeat_interval;
  remember_path();
  if (const auto status = status_of(*socket_)) outgoing_streams_ = status->outgoing_streams;
  events_.push(TransportEvent{.kind = TransportEventKind::AssociationUp,
                              .detail = fmt::format("{} streams out", outgoing_streams_)});
  events_.push(AssociationEvents::Connected{});
  stack().wake(member_);
}

// The stack takes nothing any more, so what waits in front of it is lost; what it has already, it
// still delivers (RFC 9260 9.2).
void UsrsctpAssociation::on_peer_shuts_down() {
  events_.push(TransportEvent{.kind = TransportEventKind::PeerShutdown});
  peer_shuts_down_ = true;
  if (state_ == State::Closed) return;
  state_ = State::ShuttingDown;
  queue_.abandon_all();
  if (!shutdown_until_) shutdown_until_ = stack().now() + options().shutdown_limit;
}

Error UsrsctpAssociation::good_end() const {
  return {ErrorCode::Closed, fmt::format("the association with {} ended", peer())};
}

Error UsrsctpAssociation::loss() const {
  if (const auto& reason = path_->abort_reason()) {
    const char* what = state_ == State::Connecting ? "refused" : "aborted";
    return {ErrorCode::Io, fmt::format("{} {} the association: {}", peer(), what, *reason)};
  }
  // It had nothing left to say and has seen that we had not either.
  if (peer_shuts_down_) return good_end();
  if (state_ == State::Connecting) {
    return {ErrorCode::Timeout, fmt::format("{} does not answer", peer())};
  }
  const char* what = shutdown_until_ ? "did not finish the shutdown" : "does not answer any more";
  return {ErrorCode::Timeout, fmt::format("{} {}", peer(), what)};
}

void UsrsctpAssociation::pump(Timestamp now) {
  if (state_ == State::Connecting) queue_.expire(now);
  if (state_ == State::Open || state_ == State::Draining) {
    const auto status = status_of(*socket_);
    size_t backlog = send_backlog_bytes(*socket_);
    if (backlog == 0) ledger_.settle();
    const size_t target =
        (status ? status->congestion_window_bytes : 0) + options().stack_backlog_bytes;
    while (const OutgoingMessage* front = backlog < target ? queue_.front(now) : nullptr) {
      const size_t bytes = front->message.payload.size();
      const SendResult result = hand_over(*front);
      if (result == SendResult::Full) break;
      const OutgoingMessage gone = queue_.pop();
      if (result == SendResult::Taken) {
        backlog += bytes;
      } else {
        note_abandoned({gone.options.id, gone.message.stream, Abandonment::Unsent});
      }
    }
    queue_.expire(now);
    if (state_ == State::Draining) begin_shutdown_when_drained();
  }
  collect();
}

SendResult UsrsctpAssociation::hand_over(const OutgoingMessage& outgoing) {
  const uint16_t stream = outgoing.message.stream.value();
  const auto known = stream_priorities_.try_emplace(stream, 0).first;
  if (known->second != outgoing.options.priority) {
    known->second = outgoing.options.priority;
    set_stream_priority(*socket_, stream, outgoing.options.priority);
  }
  const uint32_t token = ledger_.handed_over(outgoing.options.id, outgoing.message.stream);
  const SendResult result = send_to_stack(*socket_, outgoing, token);
  if (result != SendResult::Taken) ledger_.take_back(token);
  return result;
}

void UsrsctpAssociation::begin_shutdown_when_drained() {
  if (!queue_.empty()) return;
  state_ = State::ShuttingDown;
  shut_down(*socket_);
}

void UsrsctpAssociation::collect() {
  for (const AbandonedMessage& each : queue_.take_abandoned()) note_abandoned(each);
  for (const AbandonedMessage& each : ledger_.take_abandoned()) {
    events_.push(send_failed_event(each));
    note_abandoned(each);
  }
  if (queue_.take_low() && state_ != State::Closed)
    events_.push(AssociationEvents::SendBufferLow{});
}

void UsrsctpAssociation::note_abandoned(const AbandonedMessage& abandoned) {
  StreamStats& stats = streams_[abandoned.stream];
  ++(abandoned.what == Abandonment::Sent ? stats.abandoned_sent : stats.abandoned_unsent);
  events_.push(abandoned);
}

void UsrsctpAssociation::shutdown() {
  if (state_ == State::Closed || state_ == State::ShuttingDown || shutdown_until_) return;
  shutdown_until_ = stack().now() + options().shutdown_limit;
  if (state_ == State::Connecting && queue_.empty()) {
    finish(good_end());
    return;
  }
  if (state_ == State::Open) state_ = State::Draining;
  stack().wake(member_);
}

void UsrsctpAssociation::abort(const std::string& reason) {
  if (state_ == State::Closed) return;
  abort_association(*socket_, reason);
  const bool too_slow = shutdown_until_ && stack().now() >= *shutdown_until_;
  if (peer_shuts_down_) {
    finish(good_end());
  } else {
    finish({too_slow ? ErrorCode::Timeout : ErrorCode::Io, "aborted: " + reason});
  }
}

// The stack tells nothing of a path once the association has ended.
void UsrsctpAssociation::remember_path() {
  const auto status = status_of(*socket_);
  if (!status) return;
  last_path_ = PathStats{.address = peer(),
                         .smoothed_rtt = status->smoothed_rtt,
                         .retransmission_timeout = status->retransmission_timeout,
                         .congestion_window_bytes = status->congestion_window_bytes,
                         .mtu_bytes = status->mtu_bytes};
}

void UsrsctpAssociation::finish(const Error& reason) {
  remember_path();
  const bool was_up = state_ != State::Connecting;
  state_ = State::Closed;
  if (reason.code == ErrorCode::Closed) path_->set_ended_in_order();
  queue_.abandon_all();
  collect();
  events_.push(end_event(reason, was_up));
  events_.push(reason);
  socket_.reset();
  stack().wake(member_);
}

}  // namespace mayfly
