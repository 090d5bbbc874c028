#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "core/timer.h"
#include "transport/packet_socket.h"
#include "transport/sctp/packet/cookie/cookie_signer.h"
#include "transport/sctp/packet/cookie/unguessable_numbers.h"
#include "transport/sctp/socket/out_of_the_blue.h"
#include "transport/sctp/socket/socket.h"
#include "transport/sctp/socket/spent_tags.h"

namespace mayfly {

class EngineAssociation;

// One packet socket and all associations of the engine over it: finds the association a packet
// belongs to, answers the INITs of strangers without remembering them, and makes associations of
// the cookies that come back (RFC 9260 5.1, 8.4). Shared by the transport and the associations it
// made, which outlive it.
class EngineEndpoint : public std::enable_shared_from_this<EngineEndpoint> {
 public:
  // Who wants associations that others begin.
  class Welcome {
   public:
    virtual ~Welcome() = default;
    virtual void on_established(std::unique_ptr<EngineAssociation> association) = 0;
  };
  // What identifies an association in packets that come in.
  struct Key {
    IpEndpoint remote;
    uint16_t remote_port = 0;  // SCTP's
    uint16_t local_port = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // From `key` follows all that strangers must not foresee: tags, TSNs, ports, cookie secrets,
  // nonces (RFC 5062). In production it comes from the operating system.
  EngineEndpoint(const Clock& clock, TimerFactory& timers, PacketSocket& socket,
                 const sctp::SocketOptions& options, const sctp::CookieSecret& key);
  ~EngineEndpoint();
  EngineEndpoint(const EngineEndpoint&) = delete;
  EngineEndpoint& operator=(const EngineEndpoint&) = delete;

  [[nodiscard]] Timestamp now() const { return clock_.now(); }
  [[nodiscard]] TimerFactory& timers() const { return timers_; }
  [[nodiscard]] IpEndpoint local() const { return socket_.local(); }
  [[nodiscard]] const sctp::SocketOptions& options() const { return options_; }
  // One packet is built at a time; the memory is nobody's between two calls.
  [[nodiscard]] std::span<std::byte> memory() { return memory_; }
  void send(const IpEndpoint& to, ByteView packet) { socket_.send(to, packet); }

  void set_welcome(Welcome* welcome, uint16_t sctp_port);  // null: nobody
  [[nodiscard]] bool is_listening() const { return welcome_ != nullptr; }

  // Names for an association to be.
  [[nodiscard]] sctp::LocalSide fresh_side(uint16_t port);
  // None: there are associations on all of them.
  [[nodiscard]] std::optional<uint16_t> free_port(const IpEndpoint& remote, uint16_t remote_port);
  // What the numbers of one association follow from.
  [[nodiscard]] sctp::CookieSecret fresh_secret() { return numbers_.secret(); }

  // An association hears by its tag, and from the addresses that its peer has shown to have.
  void add(EngineAssociation& association);
  void remove(EngineAssociation& association);
  // Calls its on_woken() soon, from the loop: once for whatever happens until then.
  void wake(EngineAssociation& association);
  void forget_woken(EngineAssociation& association);
  // These addresses have changed.
  void refresh(EngineAssociation& association);

  // Packets that no association took: strangers', forged or malformed.
  [[nodiscard]] uint64_t packets_dropped() const { return packets_dropped_; }

 private:
  void forget_addresses(const EngineAssociation& association);
  void receive(const IpEndpoint& from, ByteView bytes);
  [[nodiscard]] EngineAssociation* find(const IpEndpoint& from, const sctp::CommonHeader& header);
  void receive_init(const IpEndpoint& from, const sctp::PacketView& packet,
                    const sctp::InitChunk& init, EngineAssociation* known);
  // Whether the rest of the packet is for an association.
  [[nodiscard]] EngineAssociation* receive_cookie(const IpEndpoint& from,
                                                  const sctp::PacketView& packet, ByteView cookie,
                                                  EngineAssociation* known);
  [[nodiscard]] EngineAssociation* accept(const sctp::StateCookie& cookie);
  // To a cookie of which an association was made that is over.
  void refuse_spent(const IpEndpoint& from, const sctp::StateCookie& cookie);
  void answer_stranger(const IpEndpoint& from, const sctp::PacketView& packet);
  void renew_secret(Timestamp now);
  void call_woken();

  const Clock& clock_;
  TimerFactory& timers_;
  PacketSocket& socket_;
  sctp::SocketOptions options_;
  sctp::UnguessableNumbers numbers_;
  sctp::CookieSigner signer_;
  Timestamp secret_since_;
  sctp::ReplyRation ration_;
  sctp::SpentTags spent_tags_;
  Welcome* welcome_ = nullptr;
  uint16_t listening_port_ = 0;
  std::map<Key, EngineAssociation*> by_address_;
  std::unordered_map<uint32_t, EngineAssociation*> by_tag_;
  // What each is found by in `by_address_`, so that nobody is searched for.
  std::unordered_map<const EngineAssociation*, std::vector<Key>> keys_;
  // Null: destroyed since.
  std::vector<EngineAssociation*> woken_;
  std::vector<EngineAssociation*> being_called_;
  std::unique_ptr<Timer> soon_;
  Bytes memory_;
  uint64_t packets_dropped_ = 0;
};

}  // namespace mayfly
