#include "transport/sctp/engine_association.h"

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

Result<std::unique_ptr<Association>> EngineAssociation::connect(
    std::shared_ptr<EngineEndpoint> endpoint, const std::vector<IpEndpoint>& peer,
    uint16_t peer_port) {
  const auto port = endpoint->free_port(peer.front(), peer_port);
  if (!port) {
    return failure(ErrorCode::Exhausted, fmt::format("connect to {}: every port has an association",
                                                     to_string(peer.front())));
  }
  auto socket =
      std::make_unique<sctp::Socket>(endpoint->options(), endpoint->fresh_side(*port), peer_port,
                                     peer, endpoint->fresh_secret(), endpoint->now());
  std::unique_ptr<EngineAssociation> association(
      new EngineAssociation(std::move(endpoint), std::move(socket)));
  association->wake();
  return association;
}

std::unique_ptr<EngineAssociation> EngineAssociation::accepted(
    std::shared_ptr<EngineEndpoint> endpoint, const sctp::StateCookie& cookie) {
  auto socket = std::make_unique<sctp::Socket>(endpoint->options(), cookie,
                                               endpoint->fresh_secret(), endpoint->now());
  std::unique_ptr<EngineAssociation> association(
      new EngineAssociation(std::move(endpoint), std::move(socket)));
  association->wake();
  return association;
}

EngineAssociation::EngineAssociation(std::shared_ptr<EngineEndpoint> endpoint,
                                     std::unique_ptr<sctp::Socket> socket)
    : endpoint_(std::move(endpoint)), socket_(std::move(socket)) {
  timer_ = endpoint_->timers().create([this] { on_loop(); });
  known_changes_ = socket_->address_changes();
  endpoint_->add(*this);
}

EngineAssociation::~EngineAssociation() {
  *alive_ = false;
  endpoint_->forget_woken(*this);
  socket_->abort("the program let go of the association");
  transmit();
}

void EngineAssociation::wake() {
  if (std::exchange(is_woken_, true)) return;
  endpoint_->wake(*this);
}

void EngineAssociation::on_loop() {
  is_woken_ = false;
  socket_->on_time(endpoint_->now());
  const auto alive = alive_;
  transmit();
  deliver();
  if (!*alive) return;
  transmit();  // fetched messages have opened the window; observers have sent
  rearm();
}

void EngineAssociation::receive(const IpEndpoint& from, const sctp::PacketView& packet) {
  socket_->receive(from, packet, endpoint_->now());
  if (socket_->state() != sctp::SocketState::Established) {
    on_loop();
    return;
  }
  // Messages at once, while they are at hand; acknowledgements and the rest once for all packets
  // that have come in this round.
  if (socket_->has_message()) {
    const auto alive = alive_;
    deliver();
    if (!*alive) return;
  }
  wake();
}

void EngineAssociation::rearm() {
  if (is_woken_) return;  // somebody has called meanwhile
  const auto next = socket_->next_time(endpoint_->now());
  if (!next) {
    timer_->stop();
    return;
  }
  // A timer that runs out too early costs less than one that is set anew with each packet.
  if (timer_->is_running() && armed_for_ <= *next) return;
  armed_for_ = *next;
  timer_->start(std::max(*next - endpoint_->now(), Duration::zero()));
}

void EngineAssociation::transmit() {
  const Timestamp now = endpoint_->now();  // of all packets of a round
  while (const auto packet = socket_->next_packet(now, endpoint_->memory())) {
    endpoint_->send(packet->to, packet->bytes);
  }
  if (!is_registered_) return;
  if (socket_->state() == sctp::SocketState::Closed) {
    // What comes from here on is out of the blue.
    is_registered_ = false;
    endpoint_->remove(*this);
    return;
  }
  const uint32_t changes = socket_->address_changes();
  if (std::exchange(known_changes_, changes) == changes) return;
  endpoint_->refresh(*this);
}

void EngineAssociation::deliver() {
  const auto alive = alive_;
  while (*alive && observer_ != nullptr) {
    if (!pending_) pending_ = socket_->next_event();
    // Before the end everything that arrived.
    const bool is_end = pending_ && std::holds_alternative<sctp::Socket::Closed>(*pending_);
    if ((!pending_ || is_end) && socket_->has_message()) {
      Message message = socket_->take_message();
      StreamStats& stats = streams_[message.stream];
      ++stats.messages_received;
      stats.bytes_received += message.payload.size();
      observer_->on_message(std::move(message));
      continue;
    }
    if (!pending_) return;
    const sctp::Socket::Event event = std::move(*pending_);
    pending_.reset();
    tell(event);
  }
}

void EngineAssociation::tell(const sctp::Socket::Event& event) {
  const auto told = Overloaded{
      [this](const sctp::Socket::Connected&) { observer_->on_connected(); },
      [this](const sctp::Socket::BufferLow&) { observer_->on_send_buffer_low(); },
      [this](const TransportEvent& happened) { observer_->on_event(happened); },
      [this](const sctp::Socket::Closed& closed) { observer_->on_closed(closed.reason); },
      [this](const sctp::MessageFate& fate) {
        if (fate.fate == sctp::Fate::Delivered) return;
        const bool sent = fate.fate == sctp::Fate::AbandonedSent;
        StreamStats& stats = streams_[fate.stream];
        ++(sent ? stats.abandoned_sent : stats.abandoned_unsent);
        observer_->on_message_abandoned(fate.id, sent ? Abandonment::Sent : Abandonment::Unsent);
      },
  };
  std::visit(told, event);
}

void EngineAssociation::set_observer(Observer* observer) {
  observer_ = observer;
  if (observer_ != nullptr) wake();
}

Result<void> EngineAssociation::send(Message message, const SendOptions& options) {
  if (!socket_->is_open()) {
    return failure(ErrorCode::Closed, fmt::format("the association with {} is closed", peer()));
  }
  RETURN_IF_ERROR(check_message(message, options, max_message_bytes(), outgoing_streams()));
  const StreamId stream = message.stream;
  const size_t bytes = message.payload.size();
  RETURN_IF_ERROR(socket_->send(std::move(message), options, endpoint_->now()));
  StreamStats& stats = streams_[stream];
  ++stats.messages_sent;
  stats.bytes_sent += bytes;
  wake();
  return {};
}

void EngineAssociation::abandon(MessageId id) {
  socket_->abandon(id);
  wake();
}

size_t EngineAssociation::send_buffer_free() const {
  return socket_->sender().outbox().queue().free_bytes();
}

size_t EngineAssociation::send_buffer_room(const SendOptions& options) const {
  return socket_->sender().outbox().queue().room_for(options.discard_priority);
}

size_t EngineAssociation::max_message_bytes() const {
  const TransportOptions& options = endpoint_->options().transport;
  return std::min(options.send_queue_bytes, options.max_sent_message_bytes);
}

size_t EngineAssociation::max_chunk_payload_bytes() const {
  return sctp::sender_options(endpoint_->options()).outbox.max_fragment_bytes;
}

std::string EngineAssociation::peer() const {
  return to_string(socket_->paths().front().address());
}

AssociationStats EngineAssociation::stats() const {
  AssociationStats stats;
  const sctp::Sender& sender = socket_->sender();
  stats.stack = "engine";
  stats.congestion_control = sender.path(0).congestion().name();
  const bool up = socket_->state() != sctp::SocketState::Closed;
  for (sctp::PathId id = 0; id < socket_->paths().size(); ++id) {
    const sctp::PeerPath& path = socket_->paths()[id];
    const sctp::SendPath& send_path = sender.path(id);
    stats.paths.push_back({.address = to_string(path.address()),
                           .active = up && path.is_active(),
                           .primary = id == socket_->primary(),
                           .smoothed_rtt = send_path.rtt.smoothed(),
                           .retransmission_timeout = send_path.rtt.retransmission_timeout(),
                           .congestion_window_bytes = send_path.congestion().window(),
                           .mtu_bytes = endpoint_->options().transport.max_packet_bytes});
  }
  stats.outstanding_bytes = sender.outstanding().unacknowledged_payload();
  stats.queued_bytes = sender.outbox().waiting_bytes();
  stats.packets_sent = socket_->stats().packets_sent;
  stats.packets_received = socket_->stats().packets_received;
  stats.chunks_retransmitted = sender.stats().chunks_retransmitted;
  stats.messages_refused = sender.outbox().queue().refused();
  stats.streams = streams_;
  stats.events = socket_->stats().events;
  return stats;
}

void EngineAssociation::shutdown() {
  socket_->shutdown(endpoint_->now());
  wake();
}

void EngineAssociation::abort(const std::string& reason) {
  socket_->abort(reason);
  wake();
}

std::optional<sctp::InitAnswer> EngineAssociation::answer_to_init(const sctp::LocalSide& fresh) {
  wake();
  return socket_->answer_to_init(fresh);
}

sctp::Socket::CookieVerdict EngineAssociation::on_cookie(const sctp::StateCookie& cookie) {
  return socket_->on_cookie(cookie, endpoint_->now());
}

bool EngineAssociation::has_tags_of(const sctp::StateCookie& cookie) const {
  return cookie.local_tag == socket_->local().tag && cookie.peer_tag == socket_->peer_tag();
}

void EngineAssociation::on_restart() {
  socket_->on_restart();
  transmit();
  wake();
}

}  // namespace mayfly
