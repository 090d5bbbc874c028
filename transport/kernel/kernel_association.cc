#include "transport/kernel/kernel_association.h"

#include <fmt/format.h>
#include <netinet/sctp.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/quantity.h"
#include "transport/kernel/association_features.h"
#include "transport/kernel/socket_features.h"
#include "transport/kernel/socket_settings.h"

namespace mayfly {
namespace {

// The common header of a packet and the header of a DATA chunk (RFC 9260 3).
constexpr size_t kPacketOverheadBytes = 12 + 16;
// A stack that is full is looked at again this soon when it does not tell; a kernel tick or two.
constexpr Duration kPumpInterval = 10ms;
// Reads in one round of the loop, so that one busy association does not hold up the others.
constexpr int kReadsPerRound = 128;

}  // namespace

std::unique_ptr<KernelAssociation> KernelAssociation::connect(KernelEnvironment environment,
                                                              SctpSocket socket,
                                                              const std::vector<IpEndpoint>& to) {
  const SctpSocket::Connecting connecting = socket.connect(to);
  std::unique_ptr<KernelAssociation> association;
  if (socket.kind() == SctpSocket::Kind::OneToMany) {
    const auto shared = std::make_shared<SharedSocket>(environment, std::move(socket));
    association = on_shared(std::move(environment), shared, connecting.association);
    shared->set_on_newcomer(nullptr);
  } else {
    association.reset(new KernelAssociation(std::move(environment),
                                            AssociationSocket(std::move(socket)), nullptr));
  }
  association->begin(connecting.error_number, to.front());
  return association;
}

std::unique_ptr<KernelAssociation> KernelAssociation::accept(KernelEnvironment environment,
                                                             SctpSocket socket) {
  std::unique_ptr<KernelAssociation> association(
      new KernelAssociation(std::move(environment), AssociationSocket(std::move(socket)), nullptr));
  association->begin_established();
  return association;
}

std::unique_ptr<KernelAssociation> KernelAssociation::accept(KernelEnvironment environment,
                                                             std::shared_ptr<SharedSocket> shared,
                                                             AssociationId id) {
  auto association = on_shared(std::move(environment), std::move(shared), id);
  association->begin_established();
  return association;
}

std::unique_ptr<KernelAssociation> KernelAssociation::on_shared(
    KernelEnvironment environment, std::shared_ptr<SharedSocket> shared, AssociationId id) {
  AssociationSocket socket(shared->socket(), id);
  std::unique_ptr<KernelAssociation> association(
      new KernelAssociation(std::move(environment), std::move(socket), std::move(shared)));
  association->shared_->join(id, *association);
  return association;
}

KernelAssociation::KernelAssociation(KernelEnvironment environment, AssociationSocket socket,
                                     std::shared_ptr<SharedSocket> shared)
    : environment_(std::move(environment)),
      socket_(std::move(socket)),
      shared_(std::move(shared)),
      outgoing_streams_(environment_.options.streams),
      fragmentation_point_(environment_.options.max_packet_bytes - kPacketOverheadBytes),
      sender_(*socket_, environment_.options),
      assembler_(environment_.options.max_received_message_bytes),
      events_(environment_.timers),
      pump_timer_(environment_.timers.create([this] {
        pump();
        events_.deliver();
      })),
      heartbeat_timer_(environment_.timers.create([this] { on_heartbeat_due(); })),
      shutdown_timer_(environment_.timers.create([this] { on_shutdown_limit(); })) {
  const auto buffer = socket_->socket().option<int>(SOL_SOCKET, SO_SNDBUF);
  send_buffer_bytes_ = static_cast<size_t>(buffer.value_or(0));
}

KernelAssociation::~KernelAssociation() {
  watch_.reset();
  if (shared_) shared_->leave(socket_->id());
  if (socket_) socket_->abort({});
}

void KernelAssociation::begin(int error_number, const IpEndpoint& to) {
  peer_ = to_string(to);
  ending_.read_error = error_number;
  if (error_number != 0) close(why_it_ended());
}

void KernelAssociation::begin_established() {
  const auto peers = socket_->peer_addresses();
  peer_ = peers.empty() ? "a peer that has left" : to_string(peers.front());
  become_open();
  close_if_ended();
}

void KernelAssociation::become_open() {
  state_ = State::Open;
  // Where it fails the association has ended already, which the next read tells.
  static_cast<void>(set_rto_max(*socket_, environment_.options));
  if (const auto status = socket_->option<sctp_status>(SCTP_STATUS)) {
    outgoing_streams_ = status->sstat_outstrms;
  }
  const auto interleaving = socket_->option<sctp_assoc_value>(SCTP_INTERLEAVING_SUPPORTED);
  interleaving_ = interleaving && interleaving->assoc_value != 0;
  sender_.set_interleaving(interleaving_);
  counters_.begin(*socket_);
  if (socket_->peer_addresses().size() > 1) {
    apply_multihomed_settings(*socket_, environment_.options);
  }
  refresh_path();
  heartbeat_timer_->start(environment_.options.demand_heartbeat_interval);
  events_.push(TransportEvent{.kind = TransportEventKind::AssociationUp,
                              .detail = fmt::format("{} streams out", outgoing_streams_)});
  events_.push(AssociationEvents::Connected{});
  auto begun = begin_features(*socket_, environment_.kernel_options, peer_);
  if (!begun) fatal_ = std::move(begun).error();
}

void KernelAssociation::set_observer(Observer* observer) {
  events_.set_observer(observer);
  observed_ = observer != nullptr;
  watch();
}

void KernelAssociation::watch() {
  if (!observed_) watch_.reset();
  if (!observed_ || watch_ || shared_ || !socket_) return;
  watch_ = environment_.reactor.watch(
      socket_->socket().descriptor(),
      [this] {
        read_round();
        end_round();
      },
      [this] {
        pump();
        events_.deliver();
      });
}

MessageLimits KernelAssociation::limits() const {
  MessageLimits limits{.send_buffer_bytes = send_buffer_bytes_, .streams = outgoing_streams_};
  if (!environment_.kernel_options.fragmentation) limits.one_chunk_bytes = fragmentation_point_;
  return limits;
}

Result<void> KernelAssociation::send(Message message, const SendOptions& options) {
  if (!is_sending()) return failure(ErrorCode::Closed, "the association is closed");
  RETURN_IF_ERROR(check_kernel_message(message, options, limits()));
  const StreamId stream = message.stream;
  const size_t bytes = message.payload.size();
  const Timestamp now = environment_.clock.now();
  RETURN_IF_ERROR(sender_.push(std::move(message), options, now));
  counters_.sent(stream, bytes);
  if (sender_.is_blocked(now)) {
    tell_progress();
  } else {
    pump();
  }
  return {};
}

void KernelAssociation::abandon(MessageId id) {
  sender_.abandon(id);
  tell_progress();
}

size_t KernelAssociation::send_buffer_free() const {
  return is_sending() ? sender_.free_bytes() : 0;
}

size_t KernelAssociation::send_buffer_room(const SendOptions& options) const {
  return is_sending() ? sender_.room_for(options) : 0;
}

bool KernelAssociation::is_sending() const {
  return (state_ == State::Connecting || state_ == State::Open) && !shutdown_wanted_ &&
         !ending_.peer_shut_down;
}

size_t KernelAssociation::buffered_bytes() const {
  const size_t held =
      socket_ ? outstanding_bytes(*socket_, sender_.unsent_bytes(), max_chunk_payload_bytes()) : 0;
  return sender_.queued_bytes() + held;
}

size_t KernelAssociation::max_chunk_payload_bytes() const {
  return std::min(fragmentation_point_,
                  environment_.options.max_packet_bytes - kPacketOverheadBytes);
}

AssociationStats KernelAssociation::stats() const {
  AssociationStats stats = counters_.stats(socket_ ? &*socket_ : nullptr);
  stats.outstanding_bytes.reset();
  if (socket_ && state_ != State::Connecting) {
    stats.outstanding_bytes = buffered_bytes() - sender_.queued_bytes();
  }
  stats.queued_bytes = sender_.queued_bytes();
  stats.messages_refused = sender_.refused();
  stats.partial_deliveries_aborted = assembler_.aborted();
  stats.events = events_.counts();
  return stats;
}

void KernelAssociation::shutdown() {
  if (state_ == State::Closed || shutdown_wanted_) return;
  shutdown_wanted_ = true;
  shutdown_timer_->start(environment_.options.shutdown_limit);
  pump();
}

void KernelAssociation::on_shutdown_limit() {
  const Error reason{ErrorCode::Timeout,
                     fmt::format("{} did not finish the shutdown within {}", peer_,
                                 to_text(environment_.options.shutdown_limit))};
  end_with_abort(reason, "the shutdown took too long");
  events_.deliver();
}

void KernelAssociation::abort(const std::string& reason) {
  if (state_ == State::Closed) return;
  end_with_abort({ErrorCode::Io, "aborted: " + reason}, reason);
}

void KernelAssociation::end_with_abort(const Error& reason, const std::string& told) {
  AssociationSocket socket = *socket_;
  close(reason);
  socket.abort(told);
}

void KernelAssociation::on_heartbeat_due() {
  // One on its way when the peer has ended would be answered with an ABORT (RFC 9260 8.4).
  if (state_ == State::ShuttingDown || ending_.peer_shut_down) return;
  heartbeat_timer_->start(environment_.options.demand_heartbeat_interval);
  refresh_path();
  if (environment_.kernel_options.auth_key) {
    if (const auto same_key = check_shown_key(*socket_, ++heartbeats_, peer_); !same_key) {
      end_with_abort(same_key.error(), "another key for SCTP-AUTH");
      events_.deliver();
      return;
    }
  }
  demand_heartbeats(*socket_);
}

void KernelAssociation::refresh_path() {
  const auto status = socket_->option<sctp_status>(SCTP_STATUS);
  if (status && status->sstat_fragmentation_point > 0) {
    fragmentation_point_ = status->sstat_fragmentation_point;
  }
  counters_.refresh(*socket_);
}

void KernelAssociation::close(const Error& reason) {
  if (state_ == State::Closed) return;
  const bool was_open = state_ != State::Connecting;
  if (was_open) refresh_path();  // the last time the kernel can be asked
  state_ = State::Closed;
  pump_timer_->stop();
  heartbeat_timer_->stop();
  shutdown_timer_->stop();
  watch_.reset();
  if (shared_) shared_->leave(socket_->id());
  socket_.reset();
  shared_.reset();
  sender_.abandon_all();
  tell_progress();
  events_.push(end_event(reason, was_open));
  events_.push(reason);
}

void KernelAssociation::read_round() {
  nothing_more_ = false;
  for (int reads = 0; reads < kReadsPerRound && !has_enough(); ++reads) {
    take_in(socket_->socket().read(*environment_.read_buffer));
  }
}

void KernelAssociation::end_round() {
  tell_progress();
  close_if_ended();
  if (socket_) pump();
  events_.deliver();
}

void KernelAssociation::take_in(const SctpRead& read) {
  if (const auto* piece = std::get_if<MessagePiece>(&read.what)) {
    if (!fatal_) on_piece(*piece);
  } else if (const auto* event = std::get_if<SctpEvent>(&read.what)) {
    on_event(*event);
  } else {
    nothing_more_ = true;
    if (std::holds_alternative<EndOfAssociation>(read.what)) ending_.ended = true;
    if (const auto* failed = std::get_if<ReadFailed>(&read.what)) {
      // Not connected yet is not ended.
      if (state_ == State::Connecting && failed->error_number == ENOTCONN) return;
      if (ending_.read_error == 0) ending_.read_error = failed->error_number;
      ending_.ended = true;
    }
  }
}

void KernelAssociation::on_piece(const MessagePiece& piece) {
  auto message = assembler_.add(piece);
  if (!message) {
    fatal_ = std::move(message).error();
  } else if (*message) {
    counters_.received(**message);
    events_.push(std::move(**message));
  }
}

void KernelAssociation::on_event(const SctpEvent& event) {
  if (auto told = transport_event(event)) events_.push(std::move(*told));
  if (std::holds_alternative<AssociationUp>(event)) {
    if (state_ == State::Connecting) become_open();
  } else if (const auto* lost = std::get_if<AssociationLost>(&event)) {
    ending_.lost = *lost;
  } else if (std::holds_alternative<AssociationRestarted>(event)) {
    assembler_.abort_all();
  } else if (std::holds_alternative<PeerShuttingDown>(event)) {
    ending_.peer_shut_down = true;
  } else if (std::holds_alternative<ShutdownComplete>(event)) {
    ending_.shutdown_complete = true;
  } else if (const auto* chunk = std::get_if<ChunkAbandoned>(&event)) {
    sender_.on_chunk_abandoned(*chunk);
  } else if (const auto* aborted = std::get_if<PartialDeliveryAborted>(&event)) {
    if (interleaving_) {
      assembler_.abort_stream(aborted->stream, aborted->ordered);
    } else {
      assembler_.abort_all();
    }
  } else if (std::holds_alternative<SenderDry>(event)) {
    sender_.on_sender_dry();
  }
}

void KernelAssociation::close_if_ended() {
  if (state_ == State::Closed) return;
  if (fatal_) {
    end_with_abort(*fatal_, fatal_->message);
  } else if (ending_.has_ended()) {
    close(why_it_ended());
  }
}

Error KernelAssociation::why_it_ended() const {
  return why_ended(ending_, {.peer = peer_,
                             .was_connecting = state_ == State::Connecting,
                             .shutdown_wanted = shutdown_wanted_});
}

void KernelAssociation::pump() {
  const Timestamp now = environment_.clock.now();
  if (state_ == State::Connecting) {
    sender_.expire(now);
  } else if (state_ == State::Open && !ending_.peer_shut_down) {
    sender_.pump(now, fragmentation_point_);
  }
  const bool waiting = state_ != State::Closed && !sender_.is_drained();
  if (waiting && state_ == State::Open) leave_shared_socket();
  const bool wakes = waiting && state_ == State::Open && sender_.wait_for_room();
  if (watch_) watch_->want_writable(wakes);
  if (waiting) pump_timer_->start(kPumpInterval);
  if (state_ == State::Open && shutdown_wanted_ && !waiting) {
    state_ = State::ShuttingDown;
    socket_->shut_down();
  }
  tell_progress();
}

void KernelAssociation::leave_shared_socket() {
  if (!shared_ || !environment_.kernel_options.peel_off) return;
  // Without a descriptor it stays, and is pumped by the timer and by what arrives.
  if (!socket_->peel_off()) return;
  shared_->leave(socket_->id());
  shared_.reset();
  if (environment_.kernel_options.dynamic_addresses) follow_own_addresses(socket_->socket());
  watch();
}

void KernelAssociation::note_abandoned(const AbandonedMessage& abandoned) {
  counters_.abandoned(abandoned);
  events_.push(abandoned);
}

void KernelAssociation::tell_progress() {
  for (const AbandonedMessage& each : sender_.take_abandoned()) note_abandoned(each);
  for (const AbandonedMessage& each : sender_.take_failed()) {
    events_.push(send_failed_event(each));
    note_abandoned(each);
  }
  if (sender_.take_low()) events_.push(AssociationEvents::SendBufferLow{});
}

}  // namespace mayfly
