#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "client/url.h"
#include "config/transport_choice.h"
#include "core/result.h"
#include "netsim/link_model.h"
#include "runtime/event_loop.h"
#include "transport/kernel/kernel_transport_options.h"
#include "transport/packet_socket.h"
#include "transport/transport.h"
#include "transport/transport_options.h"

namespace mayfly {

class UsrsctpStack;

// The stacks of this process with the sockets they run on, made as they are asked for. What it
// gives out must be destroyed before it.
class Network {
 public:
  struct Options {
    TransportChoice choice = TransportChoice::Auto;
    TransportOptions transport;
    // Its UDP port comes from the URL.
    KernelTransportOptions kernel;
    // Under every UDP socket; the kernel's own SCTP cannot be impaired from here.
    std::optional<PathModel> impairment;
  };

  Network(EventLoop& loop, Options options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // The stack that serves a scheme under the options' choice, any but "auto"; fails when the two
  // contradict each other.
  [[nodiscard]] Result<TransportChoice> stack_for(ClipUrl::Scheme scheme) const;

  // Whether some URL of these schemes carries out what was asked of the kernel's SCTP; fails, and
  // names the key, when it would be passed over in silence.
  [[nodiscard]] Result<void> check_kernel_options(const std::vector<ClipUrl>& urls) const;

  // `addresses` are those of the URL's hosts.
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const ClipUrl& url,
                                                             std::vector<IpEndpoint> addresses);
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const ClipUrl& url,
                                                         std::vector<IpEndpoint> addresses);

 private:
  struct OverUdp;

  // A transport of usrsctp or the engine on a UDP socket of its own.
  [[nodiscard]] Result<Transport*> over_udp(TransportChoice stack, const IpEndpoint& local);
  [[nodiscard]] Result<std::unique_ptr<Transport>> transport_on(TransportChoice stack,
                                                                PacketSocket& socket);
  [[nodiscard]] Result<Transport*> kernel(std::optional<uint16_t> udp_encapsulation_port);

  EventLoop& loop_;
  const Options options_;
  std::unique_ptr<UsrsctpStack> usrsctp_;
  std::vector<std::unique_ptr<OverUdp>> over_udp_;
  std::vector<std::unique_ptr<Transport>> kernels_;
};

}  // namespace mayfly
