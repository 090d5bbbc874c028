#include "transport/usrsctp/usrsctp_endpoint.h"

#include <algorithm>

namespace mayfly {
namespace {

// Longer than the peer repeats its SHUTDOWN ACK before it takes the silence for an answer.
constexpr Duration kAnswerShutdownsFor = std::chrono::seconds(15);
constexpr size_t kMaxEnded = 1024;
// Longer than a peer repeats its COOKIE ECHO.
constexpr Duration kHalfOpenFor = std::chrono::seconds(15);
constexpr size_t kMaxHalfOpen = 2048;

}  // namespace

UsrsctpEndpoint::UsrsctpEndpoint(UsrsctpStack& stack, PacketSocket& socket,
                                 const TransportOptions& options)
    : stack_(stack), socket_(socket), options_(options) {
  socket_.set_receiver([this](const IpEndpoint& from, ByteView packet) { receive(from, packet); });
}

UsrsctpEndpoint::~UsrsctpEndpoint() {
  socket_.set_receiver({});
  half_open_.clear();  // they take themselves out of the tables below
}

size_t UsrsctpEndpoint::max_packet_bytes() const {
  return std::min(options_.max_packet_bytes, socket_.max_packet_bytes());
}

void UsrsctpEndpoint::set_welcome(Welcome* welcome, uint16_t sctp_port) {
  welcome_ = welcome;
  listening_port_ = sctp_port;
}

void UsrsctpEndpoint::add_path(UsrsctpPath& path) { paths_.insert_or_assign(path.key(), &path); }

void UsrsctpEndpoint::note_tag(UsrsctpPath& path) {
  by_tag_.insert_or_assign(path.local_tag(), &path);
}

void UsrsctpEndpoint::remove_path(UsrsctpPath& path) {
  const auto found = paths_.find(path.key());
  if (found != paths_.end() && found->second == &path) paths_.erase(found);
}

void UsrsctpEndpoint::forget(UsrsctpPath& path) {
  remove_path(path);
  const auto tag = by_tag_.find(path.local_tag());
  if (tag != by_tag_.end() && tag->second == &path) by_tag_.erase(tag);
}

void UsrsctpEndpoint::answer_shutdowns(const UsrsctpPath::Key& key, uint32_t tag) {
  const Timestamp now = stack_.now();
  std::erase_if(ended_, [&](const auto& each) { return each.second.until < now; });
  if (ended_.size() >= kMaxEnded) return;
  ended_.insert_or_assign(key, Ended{tag, now + kAnswerShutdownsFor});
}

void UsrsctpEndpoint::receive(const IpEndpoint& from, ByteView bytes) {
  const auto packet = SctpPacket::parse(bytes);
  if (!packet) {
    ++packets_dropped_;
    return;
  }
  const UsrsctpPath::Key key{from, packet->source_port(), packet->destination_port()};
  const auto found = paths_.find(key);
  const bool taken = found != paths_.end() ? receive_known(*found->second, *packet)
                                           : receive_from_stranger(key, *packet);
  if (!taken) ++packets_dropped_;
}

bool UsrsctpEndpoint::receive_known(UsrsctpPath& path, const SctpPacket& packet) {
  if (path.admits(packet)) {
    path.receive(packet);
    return true;
  }
  // A peer that lost its state begins again from the same ports. It is met like a stranger; once
  // its cookie proves that it is where the old one was, the old association is over.
  const uint8_t type = packet.first_chunk().type;
  if (type == sctp_chunk::kInit) return receive_init(path.key(), packet);
  if (type != sctp_chunk::kCookieEcho) return false;
  const UsrsctpPath::Key key = path.key();
  if (!guard_.admit_cookie(packet.verification_tag(), key.remote)) return false;
  path.set_replaced();
  forget(path);
  return receive_cookie(key, packet);
}

bool UsrsctpEndpoint::receive_from_stranger(const UsrsctpPath::Key& key, const SctpPacket& packet) {
  switch (packet.first_chunk().type) {
    case sctp_chunk::kInit: return receive_init(key, packet);
    case sctp_chunk::kCookieEcho: return receive_cookie(key, packet);
    case sctp_chunk::kShutdownAck:
      return receive_late_shutdown(key, packet) || receive_from_elsewhere(key, packet);
    default: return receive_from_elsewhere(key, packet);
  }
}

bool UsrsctpEndpoint::prepare_listening() {
  return welcome_ != nullptr && welcome_->listening_socket().adopt(options_, max_packet_bytes());
}

bool UsrsctpEndpoint::receive_init(const UsrsctpPath::Key& key, const SctpPacket& packet) {
  if (packet.verification_tag() != 0 || key.local_port != listening_port_) return false;
  const Timestamp now = stack_.now();
  forget_half_open(now);
  if (!prepare_listening() || !guard_.admit_init(now)) return false;
  HalfOpen& half_open = half_open_[key];
  if (!half_open.path) {
    half_open.path = std::make_unique<UsrsctpPath>(*this, key);
    half_open.since = now;
    half_open_by_age_.emplace_back(key, now);
  }
  half_open.path->receive(packet);
  return true;
}

void UsrsctpEndpoint::forget_half_open(Timestamp now) {
  while (!half_open_by_age_.empty()) {
    const auto [key, since] = half_open_by_age_.front();
    if (half_open_.size() < kMaxHalfOpen && now - since < kHalfOpenFor) return;
    half_open_by_age_.pop_front();
    const auto found = half_open_.find(key);
    if (found != half_open_.end() && found->second.since == since) half_open_.erase(found);
  }
}

bool UsrsctpEndpoint::receive_cookie(const UsrsctpPath::Key& key, const SctpPacket& packet) {
  const uint32_t tag = packet.verification_tag();
  const auto half_open = half_open_.find(key);
  if (half_open == half_open_.end() || !guard_.admit_cookie(tag, key.remote)) return false;
  if (!prepare_listening()) return false;
  auto path = std::move(half_open->second.path);
  half_open_.erase(half_open);
  path->open_accepted(tag);
  path->receive(packet);
  UsrsctpSocket socket = welcome_->listening_socket().accept();
  if (!socket) return false;  // the cookie was stale or forged
  welcome_->on_established(std::move(socket), std::move(path));
  return true;
}

bool UsrsctpEndpoint::receive_late_shutdown(const UsrsctpPath::Key& key, const SctpPacket& packet) {
  const auto found = ended_.find(key);
  if (found == ended_.end() || found->second.tag != packet.verification_tag()) return false;
  Bytes answer = shutdown_complete_for(packet);
  set_checksum(answer, UsrsctpStack::checksum_of(answer));
  send(key.remote, answer);
  return true;
}

bool UsrsctpEndpoint::receive_from_elsewhere(const UsrsctpPath::Key& key,
                                             const SctpPacket& packet) {
  const auto found = by_tag_.find(packet.verification_tag());
  if (found == by_tag_.end()) return false;
  const UsrsctpPath::Key& known = found->second->key();
  if (known.remote_port != key.remote_port || known.local_port != key.local_port) return false;
  found->second->receive_from_elsewhere(key.remote, packet);
  return true;
}

}  // namespace mayfly
