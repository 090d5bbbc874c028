#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/file_descriptor.h"
#include "core/result.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// Sets up interfaces, addresses and routes of the network in which it was opened (rtnetlink(7)),
// wherever the process goes afterwards. Ports of endpoints are disregarded. Every call fails with
// Io, or with Unsupported where the network has no such family.
class RouteSocket {
 public:
  struct LinkSettings {
    uint32_t mtu = 1500;
    uint32_t queue_packets = 500;  // that wait for a reader
  };

  [[nodiscard]] static Result<RouteSocket> open();

  // Prepares an interface made by us and takes it up: it sends nothing by itself, no router
  // solicitations and no reports of multicast groups, so that what crosses it is what programs
  // sent.
  [[nodiscard]] Result<void> take_up(int index, const LinkSettings& settings);
  [[nodiscard]] Result<void> take_up_loopback();
  // The address alone, without a route to its network.
  [[nodiscard]] Result<void> add_address(int index, const IpEndpoint& address, int prefix_length);
  [[nodiscard]] Result<void> add_route(int index, const IpEndpoint& network, int prefix_length);
  [[nodiscard]] Result<void> add_unreachable(const IpEndpoint& network, int prefix_length);
  // Packets that programs sent into the interface faster than they were read from it. Nothing when
  // the interface has gone.
  [[nodiscard]] std::optional<uint64_t> packets_dropped(int index);

 private:
  explicit RouteSocket(FileDescriptor socket) : socket_(std::move(socket)) {}
  // The answer to a request; fails with what the kernel says about it.
  [[nodiscard]] Result<Bytes> exchange(Bytes& request);

  FileDescriptor socket_;
  uint32_t sequence_ = 0;
};

}  // namespace mayfly
