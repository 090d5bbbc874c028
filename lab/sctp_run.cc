#include "lab/sctp_run.h"

#include <memory>
#include <utility>

#include "core/random.h"
#include "lab/sctp_playout.h"
#include "netsim/keyed_random.h"
#include "netsim/simulated_network.h"
#include "netsim/simulation.h"
#include "netsim/virtual_time.h"
#include "netsim/wire_bytes.h"
#include "transport/sctp/engine_transport.h"
#include "transport/usrsctp/usrsctp_stack.h"
#include "transport/usrsctp/usrsctp_transport.h"

namespace mayfly {
namespace {

constexpr uint64_t kStackPurpose = 3;

// The stack of a row, at both ends.
class Stacks {
 public:
  Stacks(Simulation& simulation, const SctpSettings& settings, uint64_t seed)
      : simulation_(simulation), settings_(settings), random_(seed) {
    if (settings.stack != SctpStack::Usrsctp) return;
    usrsctp_ = std::make_unique<UsrsctpStack>(simulation, simulation, simulation, settings.tuning);
  }

  [[nodiscard]] std::unique_ptr<Transport> transport_on(PacketSocket& socket) {
    if (usrsctp_) {
      return std::make_unique<UsrsctpTransport>(*usrsctp_, socket, settings_.transport);
    }
    sctp::CookieSecret key{};
    for (auto& each : key) each = static_cast<std::byte>(random_.bits());
    return std::make_unique<EngineTransport>(
        simulation_, simulation_, socket, sctp::default_socket_options(settings_.transport), key);
  }

 private:
  Simulation& simulation_;
  const SctpSettings& settings_;
  Random random_;
  std::unique_ptr<UsrsctpStack> usrsctp_;
};

class Run {
 public:
  Run(const ClipTrace& clip, const Cell& cell, const SctpSettings& settings, uint64_t seed)
      : clip_(clip),
        cell_(cell),
        seed_(seed),
        time_(simulation_, derived_seed(seed, kStackPurpose)),
        network_(simulation_, derived_seed(seed, kStackPurpose)),
        stacks_(simulation_, settings, derived_seed(seed, kStackPurpose)),
        server_socket_(network_.bind(server_at_)),
        player_socket_(network_.bind(player_at_)),
        server_transport_(stacks_.transport_on(*server_socket_)),
        player_transport_(stacks_.transport_on(*player_socket_)) {
    LinkModel only_delay;
    only_delay.delay = cell.one_way();
    network_.set_link(server_at_, player_at_, only_delay);
    network_.set_link(player_at_, server_at_, only_delay);
    network_.set_observer([this](const SimulatedNetwork::Fate& packet) {
      if (packet.from == server_at_) see(packet);
    });
    playout_ = std::make_unique<SctpPlayout>(
        SctpPlayout::Stage{clip, cell.playout_delay, settings, simulation_, simulation_, run_.log},
        std::move(*server_transport_->listen({{server_at_}})),
        std::move(*player_transport_->connect({{server_at_}})), [this] { begin_channel(); });
  }

  [[nodiscard]] SctpRun play() {
    playout_->play();
    const auto has_begun = [this] { return playout_->start().has_value(); };
    if (simulation_.run_until(has_begun, kLongestStart)) simulation_.run_until(playout_->end());
    run_.player = playout_->finish();
    return std::move(run_);
  }

 private:
  // The first frame follows.
  void begin_channel() {
    network_.set_channel(server_at_, player_at_,
                         forward_link(cell_, clip_.media_rate(), seed_,
                                      clip_.length() + cell_.playout_delay, simulation_.now()));
  }
  void see(const SimulatedNetwork::Fate& packet) {
    if (!playout_ || !playout_->start()) return;
    DeliveryLog& log = run_.log;
    ++log.wire_packets;
    log.wire_bytes += packet.packet.size() + header_bytes(packet.to);
    if (packet.arrives) log.queue_delays.push_back(*packet.arrives - packet.sent - cell_.one_way());
  }

  const ClipTrace& clip_;
  const Cell& cell_;
  const uint64_t seed_;
  const IpEndpoint server_at_ = IpEndpoint::v4({10, 0, 0, 1}, 9899);
  const IpEndpoint player_at_ = IpEndpoint::v4({10, 0, 0, 2}, 40'000);
  SctpRun run_;
  Simulation simulation_;
  VirtualTime time_;
  SimulatedNetwork network_;
  Stacks stacks_;
  std::unique_ptr<PacketSocket> server_socket_;
  std::unique_ptr<PacketSocket> player_socket_;
  std::unique_ptr<Transport> server_transport_;
  std::unique_ptr<Transport> player_transport_;
  std::unique_ptr<SctpPlayout> playout_;
};

}  // namespace

SctpRun run_sctp(const ClipTrace& clip, const Cell& cell, const SctpSettings& settings,
                 uint64_t seed) {
  return Run(clip, cell, settings, seed).play();
}

}  // namespace mayfly
