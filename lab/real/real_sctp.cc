#include "lab/real/real_sctp.h"

#include <memory>
#include <utility>

#include "lab/sctp_playout.h"
#include "runtime/os_entropy.h"
#include "runtime/udp_socket.h"
#include "transport/kernel/kernel_transport.h"
#include "transport/sctp/engine_transport.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

// The stack of a row at both ends, with the sockets it runs on. Made at an end, it stays there.
class RealStacks {
 public:
  RealStacks(EventLoop& loop, const SctpSettings& settings) : loop_(loop), settings_(settings) {
    if (settings.stack != SctpStack::Usrsctp) return;
    usrsctp_ = std::make_unique<UsrsctpStack>(loop, loop, loop, settings.tuning);
  }

  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const IpEndpoint& at) {
    ASSIGN_OR_RETURN(Transport* const transport, transport_at(at, server_socket_, server_));
    return transport->listen({{at}});
  }
  [[nodiscard]] Result<std::unique_ptr<Association>> connect(const IpEndpoint& from,
                                                             const IpEndpoint& to) {
    ASSIGN_OR_RETURN(Transport* const transport, transport_at(from, player_socket_, player_));
    return transport->connect({{to}});
  }

 private:
  [[nodiscard]] Result<Transport*> transport_at(const IpEndpoint& local,
                                                std::unique_ptr<PacketSocket>& socket,
                                                std::unique_ptr<Transport>& transport) {
    if (settings_.stack == SctpStack::Kernel) {
      ASSIGN_OR_RETURN(transport,
                       KernelTransport::create(loop_, loop_, loop_, settings_.transport));
      return transport.get();
    }
    ASSIGN_OR_RETURN(socket, UdpSocket::bind(loop_, local));
    if (usrsctp_) {
      transport = std::make_unique<UsrsctpTransport>(*usrsctp_, *socket, settings_.transport);
      return transport.get();
    }
    ASSIGN_OR_RETURN(const auto key, os_entropy());
    transport = std::make_unique<EngineTransport>(
        loop_, loop_, *socket, sctp::default_socket_options(settings_.transport), key);
    return transport.get();
  }

  EventLoop& loop_;
  const SctpSettings& settings_;
  std::unique_ptr<UsrsctpStack> usrsctp_;
  std::unique_ptr<PacketSocket> server_socket_;
  std::unique_ptr<PacketSocket> player_socket_;
  std::unique_ptr<Transport> server_;
  std::unique_ptr<Transport> player_;
};

}  // namespace

Result<void> play_real_sctp(const RouteStage& stage, const SctpSettings& settings,
                            const std::function<void()>& begun, DeliveryLog& log) {
  RealStacks stacks(stage.loop, settings);
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Association> association;
  const RealNetwork& network = stage.network;
  RETURN_IF_ERROR(network.at_server([&]() -> Result<void> {
    ASSIGN_OR_RETURN(listener, stacks.listen(network.server()));
    return {};
  }));
  RETURN_IF_ERROR(network.at_player([&]() -> Result<void> {
    ASSIGN_OR_RETURN(association, stacks.connect(network.player(), network.server()));
    return {};
  }));
  SctpPlayout playout({stage.clip, stage.cell.playout_delay, settings, stage.loop, stage.loop, log},
                      std::move(listener), std::move(association), begun);
  playout.play();
  const auto has_begun = [&playout] { return playout.start() || playout.is_over(); };
  std::ignore = stage.loop.run_until(has_begun, kLongestStart);
  if (playout.start()) {
    std::ignore = stage.loop.run_until([&playout] { return playout.is_over(); },
                                       playout.end() - stage.loop.now());
  }
  std::ignore = playout.finish();
  if (!playout.start()) return failure(ErrorCode::Timeout, log.ended);
  return {};
}

}  // namespace mayfly
