#include "cli/network.h"

#include <fmt/format.h>

#include <utility>

#include "netsim/impaired_socket.h"
#include "runtime/os_entropy.h"
#include "runtime/udp_socket.h"
#include "transport/kernel/kernel_transport.h"
#include "transport/kernel/socket_features.h"
#include "transport/sctp/engine_transport.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {

struct Network::OverUdp {
  std::unique_ptr<PacketSocket> socket;
  std::unique_ptr<Transport> transport;
};

namespace {

Result<void> only_kernel(const std::string& key) {
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("transport.kernel.{} is for the kernel's SCTP, and mayfly:// is "
                             "not: use mayfly+sctp:// or --transport kernel, or leave it out",
                             key));
}

// The kernel has one UDP port for all of its SCTP.
Result<void> check_kernel_hears_at(const ClipUrl& url) {
  const auto port = own_encapsulation_port();
  if (!port || *port == url.port) return {};  // none at all: told by whoever opens the socket
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("{}: the kernel hears SCTP over UDP at port {} only: listen there, or "
                             "try \"sysctl -w net.sctp.udp_port={}\"",
                             to_string(url), *port, url.port));
}

}  // namespace

Network::Network(EventLoop& loop, Options options) : loop_(loop), options_(std::move(options)) {}
Network::~Network() = default;

Result<TransportChoice> Network::stack_for(ClipUrl::Scheme scheme) const {
  const bool over_udp = scheme == ClipUrl::Scheme::SctpOverUdp;
  const TransportChoice choice = options_.choice;
  if (!over_udp && (choice == TransportChoice::Usrsctp || choice == TransportChoice::Engine)) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("{} runs over UDP only: write mayfly:// instead of {}, or use "
                               "--transport kernel",
                               choice == TransportChoice::Engine ? "the engine" : "usrsctp",
                               prefix_of(scheme)));
  }
  const bool is_kernel = choice == TransportChoice::Kernel || !over_udp;
  if (is_kernel && options_.impairment) {
    return failure(ErrorCode::InvalidArgument,
                   "--impair works under the UDP of usrsctp and of the engine only, not under the "
                   "kernel's SCTP: leave it out, or use a mayfly:// URL with --transport usrsctp");
  }
  if (is_kernel) return TransportChoice::Kernel;
  return choice == TransportChoice::Engine ? choice : TransportChoice::Usrsctp;
}

Result<void> Network::check_kernel_options(const std::vector<ClipUrl>& urls) const {
  size_t elsewhere = 0;
  for (const ClipUrl& url : urls) {
    ASSIGN_OR_RETURN(const TransportChoice stack, stack_for(url.scheme));
    if (stack != TransportChoice::Kernel) ++elsewhere;
  }
  const KernelTransportOptions& asked = options_.kernel;
  // A key that some listener does without protects nothing.
  if (!asked.auth_key_file.empty() && elsewhere > 0) return only_kernel("auth_key_file");
  if (elsewhere < urls.size()) return {};
  if (asked.dynamic_addresses) return only_kernel("dynamic_addresses");
  if (asked.message_interleaving) return only_kernel("interleaving");
  if (!asked.bind.empty()) return only_kernel("bind");
  if (asked.primary) return only_kernel("primary");
  return {};
}

Result<std::unique_ptr<Association>> Network::connect(const ClipUrl& url,
                                                      std::vector<IpEndpoint> addresses) {
  ASSIGN_OR_RETURN(const TransportChoice stack, stack_for(url.scheme));
  if (stack != TransportChoice::Kernel) {
    const bool is_v4 = addresses.front().family == IpEndpoint::Family::V4;
    ASSIGN_OR_RETURN(Transport* const transport,
                     over_udp(stack, is_v4 ? IpEndpoint::any_v4(0) : IpEndpoint::any_v6(0)));
    return transport->connect({{addresses.front()}});
  }
  std::optional<uint16_t> udp_port;
  if (url.scheme == ClipUrl::Scheme::SctpOverUdp) {
    udp_port = url.port;
    for (IpEndpoint& each : addresses) each.port = UsrsctpPorts::kDefault;
  }
  ASSIGN_OR_RETURN(Transport* const transport, kernel(udp_port));
  return transport->connect({std::move(addresses)});
}

Result<std::unique_ptr<Listener>> Network::listen(const ClipUrl& url,
                                                  std::vector<IpEndpoint> addresses) {
  ASSIGN_OR_RETURN(const TransportChoice stack, stack_for(url.scheme));
  if (stack != TransportChoice::Kernel) {
    if (addresses.size() > 1) {
      return failure(ErrorCode::InvalidArgument,
                     fmt::format("{}: SCTP over UDP listens on one address; give each a --listen "
                                 "of its own",
                                 to_string(url)));
    }
    ASSIGN_OR_RETURN(Transport* const transport, over_udp(stack, addresses.front()));
    return transport->listen({{over_udp_.back()->socket->local()}});
  }
  std::optional<uint16_t> udp_port;
  if (url.scheme == ClipUrl::Scheme::SctpOverUdp) {
    RETURN_IF_ERROR(check_kernel_hears_at(url));
    udp_port = url.port;
    for (IpEndpoint& each : addresses) each.port = UsrsctpPorts::kDefault;
  }
  ASSIGN_OR_RETURN(Transport* const transport, kernel(udp_port));
  return transport->listen({std::move(addresses)});
}

Result<Transport*> Network::over_udp(TransportChoice stack, const IpEndpoint& local) {
  ASSIGN_OR_RETURN(std::unique_ptr<PacketSocket> socket, UdpSocket::bind(loop_, local));
  if (options_.impairment) {
    socket =
        std::make_unique<ImpairedSocket>(std::move(socket), *options_.impairment, loop_, loop_);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport, transport_on(stack, *socket));
  over_udp_.push_back(std::make_unique<OverUdp>(OverUdp{std::move(socket), std::move(transport)}));
  return over_udp_.back()->transport.get();
}

Result<std::unique_ptr<Transport>> Network::transport_on(TransportChoice stack,
                                                         PacketSocket& socket) {
  if (stack == TransportChoice::Engine) {
    ASSIGN_OR_RETURN(const auto key, os_entropy());
    return std::make_unique<EngineTransport>(loop_, loop_, socket,
                                             sctp::default_socket_options(options_.transport), key);
  }
  if (!usrsctp_) usrsctp_ = std::make_unique<UsrsctpStack>(loop_, loop_, loop_);
  return std::make_unique<UsrsctpTransport>(*usrsctp_, socket, options_.transport);
}

Result<Transport*> Network::kernel(std::optional<uint16_t> udp_encapsulation_port) {
  KernelTransportOptions options = options_.kernel;
  options.udp_encapsulation_port = udp_encapsulation_port;
  ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport,
                   KernelTransport::create(loop_, loop_, loop_, options_.transport, options));
  kernels_.push_back(std::move(transport));
  return kernels_.back().get();
}

}  // namespace mayfly
