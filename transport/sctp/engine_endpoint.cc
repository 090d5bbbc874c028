#include "transport/sctp/engine_endpoint.h"

#include <algorithm>
#include <utility>

#include "transport/sctp/engine_association.h"
#include "transport/sctp/packet/chunk/abort_chunk.h"
#include "transport/sctp/packet/chunk/cookie_echo_chunk.h"
#include "transport/sctp/packet/chunk/error_chunk.h"

namespace mayfly {

using sctp::ChunkType;
using sctp::InitParameters;
using sctp::PacketView;

namespace {

// Answers to strangers. An INIT costs one signature.
constexpr uint32_t kRepliesPerSecond = 5000;
// RFC 9260 5.1.3: secrets live longer than cookies.
constexpr Duration kSecretLifespan = 10min;
constexpr uint16_t kFirstFreePort = 49152;  // RFC 6335 6
constexpr uint32_t kFreePorts = 0x10000 - kFirstFreePort;

}  // namespace

EngineEndpoint::EngineEndpoint(const Clock& clock, TimerFactory& timers, PacketSocket& socket,
                               const sctp::SocketOptions& options, const sctp::CookieSecret& key)
    : clock_(clock),
      timers_(timers),
      socket_(socket),
      options_(options),
      numbers_(key),
      signer_(numbers_.secret()),
      secret_since_(clock.now()),
      ration_(kRepliesPerSecond),
      spent_tags_(options.cookie_lifespan),
      soon_(timers.create([this] { call_woken(); })) {
  options_.transport.max_packet_bytes =
      std::min(options.transport.max_packet_bytes, socket.max_packet_bytes());
  memory_.resize(options_.transport.max_packet_bytes);
  socket_.set_receiver([this](const IpEndpoint& from, ByteView bytes) { receive(from, bytes); });
}

EngineEndpoint::~EngineEndpoint() { socket_.set_receiver({}); }

void EngineEndpoint::set_welcome(Welcome* welcome, uint16_t sctp_port) {
  welcome_ = welcome;
  listening_port_ = sctp_port;
}

sctp::LocalSide EngineEndpoint::fresh_side(uint16_t port) {
  // RFC 9260 5.3.1: any tag but 0, and none that is in use or was lately.
  uint32_t tag = 0;
  do {
    tag = numbers_.u32_but_zero();
  } while (by_tag_.contains(tag) || spent_tags_.contains(sctp::VerificationTag(tag)));
  return {port, sctp::VerificationTag(tag), sctp::Tsn(numbers_.u32())};
}

std::optional<uint16_t> EngineEndpoint::free_port(const IpEndpoint& remote, uint16_t remote_port) {
  // From a place that cannot be foreseen (RFC 6056 3.3.1).
  const uint32_t first = numbers_.u32() % kFreePorts;
  for (uint32_t i = 0; i < kFreePorts; ++i) {
    const auto port = static_cast<uint16_t>(kFirstFreePort + (first + i) % kFreePorts);
    if (port != listening_port_ && !by_address_.contains({remote, remote_port, port})) return port;
  }
  return std::nullopt;
}

void EngineEndpoint::add(EngineAssociation& association) {
  by_tag_[association.socket().local().tag.value()] = &association;
  refresh(association);
}

void EngineEndpoint::refresh(EngineAssociation& association) {
  forget_addresses(association);
  const sctp::Socket& socket = association.socket();
  for (const sctp::PeerPath& path : socket.paths()) {
    // RFC 5062 2.1: a stranger may name any address, and must not take another's packets by it.
    if (!path.is_confirmed()) continue;
    const Key key{path.address(), socket.peer_port(), socket.local().port};
    if (by_address_.try_emplace(key, &association).second) keys_[&association].push_back(key);
  }
}

void EngineEndpoint::wake(EngineAssociation& association) {
  if (woken_.empty()) soon_->start(Duration::zero());
  woken_.push_back(&association);
}

void EngineEndpoint::forget_woken(EngineAssociation& association) {
  EngineAssociation* const nobody = nullptr;
  std::ranges::replace(woken_, &association, nobody);
  std::ranges::replace(being_called_, &association, nobody);
}

void EngineEndpoint::call_woken() {
  const auto self = shared_from_this();  // a callback may destroy the last association
  being_called_.swap(woken_);
  // By index: who is called may destroy others.
  for (size_t i = 0; i < being_called_.size(); ++i) {
    if (EngineAssociation* const each = being_called_[i]) each->on_woken();
  }
  being_called_.clear();
}

void EngineEndpoint::remove(EngineAssociation& association) {
  forget_addresses(association);
  const sctp::VerificationTag tag = association.socket().local().tag;
  spent_tags_.add(tag, now());
  const auto tagged = by_tag_.find(tag.value());
  if (tagged != by_tag_.end() && tagged->second == &association) by_tag_.erase(tagged);
}

void EngineEndpoint::forget_addresses(const EngineAssociation& association) {
  const auto known = keys_.find(&association);
  if (known == keys_.end()) return;
  for (const Key& key : known->second) by_address_.erase(key);
  keys_.erase(known);
}

EngineAssociation* EngineEndpoint::find(const IpEndpoint& from, const sctp::CommonHeader& header) {
  // By the tag first: the peer may have moved behind its NAT (RFC 6951 5.4), and somebody else may
  // have named its address for one of his own.
  const auto tagged = by_tag_.find(header.verification_tag.value());
  if (tagged != by_tag_.end()) {
    const sctp::Socket& socket = tagged->second->socket();
    const bool same_ports =
        socket.peer_port() == header.source_port && socket.local().port == header.destination_port;
    if (same_ports) return tagged->second;
  }
  // By the address what has no tag of ours: INITs, and answers that reflect a tag.
  const auto known = by_address_.find({from, header.source_port, header.destination_port});
  return known != by_address_.end() ? known->second : nullptr;
}

void EngineEndpoint::receive(const IpEndpoint& from, ByteView bytes) {
  const auto packet = PacketView::parse(bytes);
  if (!packet || !packet->is_intact(sctp::ZeroChecksum::Refused)) {
    ++packets_dropped_;
    return;
  }
  const auto self = shared_from_this();  // a callback may destroy the last association
  EngineAssociation* association = find(from, packet->header());
  sctp::ChunkReader chunks = packet->chunks();
  const auto first = chunks.next();
  if (first && first->type == ChunkType::Init) {
    if (const auto init = sctp::InitChunk::parse(*first)) {
      receive_init(from, *packet, *init, association);
    }
    return;
  }
  if (first && first->type == ChunkType::CookieEcho) {
    const auto echo = sctp::CookieEchoChunk::parse(*first);
    association = echo ? receive_cookie(from, *packet, echo->cookie, association) : nullptr;
    if (association == nullptr) return;
  }
  // RFC 9260 8.5.1 E: of an association before this one.
  const bool is_late = association != nullptr && first && first->type == ChunkType::ShutdownAck &&
                       association->socket().state() < sctp::SocketState::Established;
  if (association == nullptr || is_late) {
    answer_stranger(from, *packet);
    return;
  }
  association->receive(from, *packet);
}

void EngineEndpoint::answer_stranger(const IpEndpoint& from, const PacketView& packet) {
  ++packets_dropped_;
  if (!ration_.take(now())) return;
  if (const auto answer = sctp::answer_out_of_the_blue(packet, memory_)) send(from, *answer);
}

void EngineEndpoint::receive_init(const IpEndpoint& from, const PacketView& packet,
                                  const sctp::InitChunk& init, EngineAssociation* known) {
  // RFC 9260 8.5.1 A: an INIT has no tag, and 6.10: travels alone.
  if (packet.header().verification_tag != sctp::VerificationTag(0) || !ration_.take(now())) {
    ++packets_dropped_;
    return;
  }
  const bool welcome = welcome_ != nullptr && packet.header().destination_port == listening_port_;
  const auto refusal = sctp::refusal_of(init.initiate_tag, init.outbound_streams,
                                        init.inbound_streams, init.parameters);
  const auto refuse = [&](const Bytes& causes) {
    if (init.initiate_tag == sctp::VerificationTag(0)) return;  // RFC 9260 3.3.2
    send(from, sctp::refuse_init(packet, init.initiate_tag, causes, memory_));
  };
  if (refusal) return refuse(refusal->causes);
  if (known == nullptr && !welcome) return refuse({});
  sctp::InitAnswer answer{.local = fresh_side(packet.header().destination_port)};
  if (known != nullptr) {
    const auto parameters = InitParameters::parse(init.parameters);
    const auto causes = known->socket().refusal_of_restart(from, *parameters);
    if (causes) return refuse(*causes);
    const auto from_known = known->answer_to_init(answer.local);
    if (!from_known) return;
    answer = *from_known;
  }
  renew_secret(now());
  const Bytes init_ack = sctp::make_init_ack(options_, init, from, packet.header().source_port,
                                             answer, {}, signer_, now());
  sctp::PacketBuilder builder(
      {packet.header().destination_port, packet.header().source_port, init.initiate_tag}, memory_);
  // One that does not fit was asked to report more than a packet holds.
  if (builder.add(sctp::WholeChunk{init_ack})) send(from, builder.finish());
}

void EngineEndpoint::renew_secret(Timestamp now) {
  if (now - secret_since_ < kSecretLifespan) return;
  signer_.replace_secret(numbers_.secret());
  secret_since_ = now;
}

EngineAssociation* EngineEndpoint::receive_cookie(const IpEndpoint& from, const PacketView& packet,
                                                  ByteView bytes, EngineAssociation* known) {
  const auto verdict = signer_.verify(bytes, now());
  const auto* const stale = std::get_if<sctp::CookieSigner::Stale>(&verdict);
  const sctp::StateCookie* cookie =
      stale != nullptr ? &stale->cookie : std::get_if<sctp::StateCookie>(&verdict);
  const sctp::CommonHeader& header = packet.header();
  // RFC 9260 5.1.5: ours, for these ports, and with the tag it gave out.
  if (cookie == nullptr || cookie->local_port != header.destination_port ||
      cookie->peer_port != header.source_port || cookie->local_tag != header.verification_tag) {
    ++packets_dropped_;
    return nullptr;
  }
  if (stale != nullptr && (known == nullptr || !known->has_tags_of(*cookie))) {
    Bytes causes;
    sctp::CauseWriter(causes).stale_cookie(stale->by);
    sctp::PacketBuilder builder({header.destination_port, header.source_port, cookie->peer_tag},
                                memory_);
    if (builder.add(sctp::ErrorChunk{.causes = causes})) send(from, builder.finish());
    return nullptr;
  }
  if (known == nullptr) {
    if (spent_tags_.contains(cookie->local_tag)) {
      refuse_spent(from, *cookie);
      return nullptr;
    }
    // RFC 9260 5.4: only where the INIT ACK went has been shown to be the peer's. Where the cookie
    // came from is probed, as for every packet: the NAT may have changed its mind since the INIT.
    return accept(*cookie);
  }
  switch (known->on_cookie(*cookie)) {
    case sctp::Socket::CookieVerdict::Taken: return known;
    case sctp::Socket::CookieVerdict::Ignored: return nullptr;
    case sctp::Socket::CookieVerdict::Restart: known->on_restart(); return accept(*cookie);
  }
  return nullptr;
}

void EngineEndpoint::refuse_spent(const IpEndpoint& from, const sctp::StateCookie& cookie) {
  ++packets_dropped_;
  if (!ration_.take(now())) return;
  // A peer that missed all we said would go on asking.
  Bytes causes;
  sctp::CauseWriter(causes).user_initiated_abort("the association is over");
  sctp::PacketBuilder builder({cookie.local_port, cookie.peer_port, cookie.peer_tag}, memory_);
  if (builder.add(sctp::AbortChunk{.causes = causes})) send(from, builder.finish());
}

EngineAssociation* EngineEndpoint::accept(const sctp::StateCookie& cookie) {
  if (welcome_ == nullptr || cookie.local_port != listening_port_) return nullptr;
  auto association = EngineAssociation::accepted(shared_from_this(), cookie);
  EngineAssociation* const raw = association.get();
  welcome_->on_established(std::move(association));
  // It may have been refused, or destroyed by whoever got it.
  const auto kept = by_tag_.find(cookie.local_tag.value());
  return kept != by_tag_.end() && kept->second == raw ? raw : nullptr;
}

}  // namespace mayfly
