#pragma once

#include <deque>
#include <memory>

#include "transport/sctp/engine_endpoint.h"
#include "transport/transport.h"
#include "transport/transport_options.h"

namespace mayfly {

// Welcomes associations on one packet socket.
class EngineListener final : public Listener, private EngineEndpoint::Welcome {
 public:
  EngineListener(std::shared_ptr<EngineEndpoint> endpoint, uint16_t sctp_port);
  ~EngineListener() override;
  EngineListener(const EngineListener&) = delete;
  EngineListener& operator=(const EngineListener&) = delete;

  void set_acceptor(Acceptor acceptor) override;
  [[nodiscard]] std::vector<IpEndpoint> local() const override { return {endpoint_->local()}; }

 private:
  void on_established(std::unique_ptr<EngineAssociation> association) override;
  void offer();

  std::shared_ptr<EngineEndpoint> endpoint_;
  Acceptor acceptor_;
  std::deque<std::unique_ptr<Association>> established_;
  std::unique_ptr<Timer> soon_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// The SCTP ports inside the UDP packets (RFC 6951 3.1). UDP's port tells hosts and NATs apart, so
// SCTP's need not differ between servers; a kernel's program behind UDP encapsulation has its own.
struct EnginePorts {
  static constexpr uint16_t kDefault = 9899;
  uint16_t listen = kDefault;
  uint16_t peer = kDefault;  // what connect() asks for
};

// mayfly's own SCTP over one packet socket: each SCTP packet is the payload of one UDP packet, as
// RFC 6951 has it, so the other end may be any stack that does the same.
//
// `clock`, `timers` and `socket` must outlive the transport and everything it made.
class EngineTransport final : public Transport {
 public:
  // From `key` follows all that strangers must not foresee, so it comes from the operating system
  // in production (RFC 4086); a test that gives it gets the same run again.
  EngineTransport(const Clock& clock, TimerFactory& timers, PacketSocket& socket,
                  const sctp::SocketOptions& options, const sctp::CookieSecret& key,
                  const EnginePorts& ports = {});

  [[nodiscard]] std::string name() const override { return "engine"; }
  // The socket is bound already: `at` must be where, or all addresses with its port. One listener
  // at a time.
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const TransportAddress& at) override;
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const TransportAddress& to) override;

  // Packets that no association took: strangers', forged or malformed.
  [[nodiscard]] uint64_t packets_dropped() const { return endpoint_->packets_dropped(); }

 private:
  std::shared_ptr<EngineEndpoint> endpoint_;
  EnginePorts ports_;
};

}  // namespace mayfly
