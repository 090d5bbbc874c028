#include "transport/usrsctp/usrsctp_path.h"

#include "transport/usrsctp/usrsctp_endpoint.h"

namespace mayfly {
namespace {

void raise_to(std::optional<uint32_t>& highest, uint32_t tsn) {
  if (!highest || is_later_tsn(tsn, *highest)) highest = tsn;
}

bool is_beyond(uint32_t tsn, const std::optional<uint32_t>& highest) {
  return highest && is_later_tsn(tsn, *highest);
}

}  // namespace

UsrsctpPath::UsrsctpPath(UsrsctpEndpoint& endpoint, const Key& key)
    : endpoint_(endpoint), key_(key), address_(endpoint_.stack().add_address(*this)) {}

UsrsctpPath::~UsrsctpPath() {
  if (ended_in_order_) endpoint_.answer_shutdowns(key_, local_tag_);
  endpoint_.forget(*this);
  endpoint_.stack().remove_address(address_);
}

void UsrsctpPath::open(uint16_t local_port) {
  key_.local_port = local_port;
  kept_ = endpoint_.shared_from_this();
  is_open_ = true;
  endpoint_.add_path(*this);
}

void UsrsctpPath::open_accepted(uint32_t local_tag) {
  local_tag_ = local_tag;
  open(key_.local_port);
  endpoint_.note_tag(*this);
}

void UsrsctpPath::note_tag(uint32_t tag) {
  if (!is_open_) {  // an INIT ACK: which of several the peer takes, its cookie tells
    endpoint_.note_answer(tag, key_.remote);
  } else if (tag != local_tag_) {
    local_tag_ = tag;
    endpoint_.note_tag(*this);
  }
}

void UsrsctpPath::set_replaced() {
  replaced_ = true;
  if (member_ != 0) endpoint_.stack().wake(member_);
}

bool UsrsctpPath::admits(const SctpPacket& packet) const {
  const uint32_t tag = packet.verification_tag();
  const SctpChunk& first = packet.first_chunk();
  if (first.type == sctp_chunk::kInit) return false;
  const bool may_reflect =
      first.type == sctp_chunk::kAbort || first.type == sctp_chunk::kShutdownComplete;
  if (may_reflect && (first.flags & kReflectedTagFlag) != 0) {
    return tag == remote_tag_ && remote_tag_ != 0;
  }
  return tag == local_tag_ && local_tag_ != 0;
}

void UsrsctpPath::receive(const SctpPacket& packet) {
  ++packets_received_;
  note_received(packet);
  UsrsctpStack& stack = endpoint_.stack();
  stack.input(address_, packet.bytes());
  if (member_ != 0) stack.wake(member_);
}

void UsrsctpPath::receive_from_elsewhere(const IpEndpoint& from, const SctpPacket& packet) {
  if (!UsrsctpStack::is_intact(packet.bytes())) return;
  const bool answers_probe =
      packet.first_chunk().type == sctp_chunk::kHeartbeatAck && probed_ == from;
  if (answers_probe || is_progress(packet)) {
    probed_.reset();
    endpoint_.remove_path(*this);
    key_.remote = from;
    endpoint_.add_path(*this);
    receive(packet);
    return;
  }
  probed_ = from;
  probe_sent_ = false;
  if (packet.first_chunk().type == sctp_chunk::kHeartbeat) {
    // Its sender alone learns anything by the answer, and that no more than it sent.
    reply_to_ = from;
    receive(packet);
    reply_to_.reset();
  } else if (member_ != 0) {
    endpoint_.stack().wake(member_);
  }
}

bool UsrsctpPath::is_progress(const SctpPacket& packet) const {
  ByteView rest = packet.chunks();
  while (const auto chunk = SctpPacket::next_chunk(rest)) {
    const auto tsn = SctpPacket::tsn(*chunk);
    if (tsn && is_beyond(*tsn, highest_tsn_received_)) return true;
    const auto ack = SctpPacket::cumulative_ack(*chunk);
    const bool ack_is_possible =
        ack && highest_tsn_sent_ && !is_later_tsn(*ack, *highest_tsn_sent_);
    if (ack_is_possible && is_beyond(*ack, highest_ack_received_)) return true;
  }
  return false;
}

void UsrsctpPath::note_received(const SctpPacket& packet) {
  ByteView rest = packet.chunks();
  while (const auto chunk = SctpPacket::next_chunk(rest)) {
    if (const auto tsn = SctpPacket::tsn(*chunk)) raise_to(highest_tsn_received_, *tsn);
    if (const auto ack = SctpPacket::cumulative_ack(*chunk)) raise_to(highest_ack_received_, *ack);
    if (chunk->type == sctp_chunk::kAbort) abort_reason_ = SctpPacket::abort_reason(*chunk);
  }
}

void UsrsctpPath::transmit(ByteView bytes) {
  ++packets_sent_;
  const IpEndpoint& to = reply_to_.value_or(key_.remote);
  if (const auto packet = SctpPacket::parse(bytes)) note_sent(*packet);
  endpoint_.send(to, bytes);
}

void UsrsctpPath::note_sent(const SctpPacket& packet) {
  if (packet.verification_tag() != 0) remote_tag_ = packet.verification_tag();
  if (const auto tag = SctpPacket::initiate_tag(packet.first_chunk())) note_tag(*tag);
  ByteView rest = packet.chunks();
  while (const auto chunk = SctpPacket::next_chunk(rest)) {
    const auto tsn = SctpPacket::tsn(*chunk);
    if (!tsn) continue;
    if (highest_tsn_sent_ && !is_later_tsn(*tsn, *highest_tsn_sent_)) ++chunks_retransmitted_;
    raise_to(highest_tsn_sent_, *tsn);
  }
}

}  // namespace mayfly
