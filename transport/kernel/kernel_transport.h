#pragma once

#include <memory>
#include <string>

#include "transport/kernel/kernel_association.h"
#include "transport/transport.h"

namespace mayfly {

// SCTP of the operating system: straight over IP, or over UDP (RFC 6951) where net.sctp.udp_port is
// set. Uses every address of a host it is given.
class KernelTransport final : public Transport {
 public:
  // `reactor`, `clock` and `timers` are one loop, which must outlive the transport and all that
  // comes from it. Fails with Unsupported, and the mend, when available() does.
  [[nodiscard]] static Result<std::unique_ptr<KernelTransport>> create(
      Reactor& reactor, const Clock& clock, TimerFactory& timers, const TransportOptions& options,
      const KernelTransportOptions& kernel_options = {});
  // Whether this process can open an SCTP socket; the error says what to do if not. Loads the
  // kernel's module where the system allows it.
  [[nodiscard]] static Result<void> available();

  [[nodiscard]] std::string name() const override { return "kernel"; }
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const TransportAddress& at) override;
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const TransportAddress& to) override;

 private:
  // A socket of the wanted style that has the settings.
  [[nodiscard]] Result<SctpSocket> open_for(const TransportAddress& address);

  explicit KernelTransport(KernelEnvironment environment) : environment_(std::move(environment)) {}

  KernelEnvironment environment_;
};

}  // namespace mayfly
