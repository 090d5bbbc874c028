#include "lab/real/real_network.h"

#include <utility>

#include "emulator/namespaces.h"

namespace mayfly {
namespace {

constexpr uint32_t kMtu = 1500;

Link perfect_link(Duration one_way, Timestamp start) {
  LinkModel model;
  model.delay = one_way;
  return {model, 0, start};
}

}  // namespace

Result<std::unique_ptr<RealNetwork>> RealNetwork::make(EventLoop& loop, Duration one_way) {
  auto network = make_emulated_network(FarEnd::Own, kMtu);
  if (!network) return failure(network.error());
  return std::unique_ptr<RealNetwork>(new RealNetwork(loop, std::move(*network), one_way));
}

RealNetwork::RealNetwork(EventLoop& loop, EmulatedNetwork network, Duration one_way)
    : network_(std::move(network)) {
  const Timestamp now = loop.now();
  pump_ = std::make_unique<PacketPump>(
      network_.near.device.descriptor.get(), network_.far.device.descriptor.get(),
      PacketPump::Links{now, perfect_link(one_way, now), perfect_link(one_way, now)}, loop, loop,
      loop,
      [this](LinkDirection direction, const PacketRecord& packet) { count(direction, packet); });
}

IpEndpoint RealNetwork::server() const {
  IpEndpoint endpoint = network_.addresses.far(IpEndpoint::Family::V4);
  endpoint.port = kPort;
  return endpoint;
}

IpEndpoint RealNetwork::player() const { return network_.addresses.near(IpEndpoint::Family::V4); }

Result<void> RealNetwork::at_server(const std::function<Result<void>()>& work) const {
  RETURN_IF_ERROR(enter_network(network_.far.network));
  const auto done = work();
  RETURN_IF_ERROR(enter_network(network_.near.network));
  return done;
}

Result<void> RealNetwork::at_player(const std::function<Result<void>()>& work) const {
  return work();
}

void RealNetwork::begin(Link channel, DeliveryLog& log) {
  log_ = &log;
  pump_->change_link(LinkDirection::Down, std::move(channel));
}

// As the virtual engine counts: all that the sender emitted, and how long what arrived had waited.
void RealNetwork::count(LinkDirection direction, const PacketRecord& packet) const {
  if (log_ == nullptr || direction != LinkDirection::Down) return;
  ++log_->wire_packets;
  log_->wire_bytes += packet.bytes;
  if (packet.fate == PacketFate::Delivered) log_->queue_delays.push_back(packet.queued);
}

}  // namespace mayfly
