#pragma once

#include <cstdint>
#include <memory>

#include "core/result.h"
#include "runtime/event_loop.h"
#include "transport/packet_socket.h"

namespace mayfly {

struct UdpSocketOptions {
  // UDP_SEGMENT and UDP_GRO (Linux 4.18 and 5.0): many packets pass the kernel as one. Without, or
  // where the kernel has none of it, packets are still handed over in batches.
  bool segmentation_offload = true;
  // A burst of an I frame from each of many players must not overflow it. More than
  // net.core.rmem_max needs CAP_NET_ADMIN; without, the kernel gives what it allows.
  size_t receive_buffer_bytes = 4 << 20;
  size_t send_buffer_bytes = 2 << 20;
  // What waits here when the kernel takes no more; a packet beyond that is lost.
  size_t queue_bytes = 4 << 20;
};

// Counters only grow.
struct UdpSocketStats {
  uint64_t packets_sent = 0;      // handed to the kernel
  uint64_t packets_received = 0;  // handed to the receiver
  uint64_t packets_dropped = 0;   // the kernel refused them, or the queue was full
  uint64_t send_calls = 0;        // sendmmsg that took something
  uint64_t receive_calls = 0;     // recvmmsg that gave something
  uint64_t segmented_runs = 0;    // runs of packets that left as one
  uint64_t coalesced_runs = 0;    // runs of packets that came in as one
};

// A bound UDP socket, v4, v6, or both where it is bound to [::]; bound to all addresses of this
// host it answers each peer from the one that the peer wrote to. What send() is given leaves at the
// end of the loop's round, runs of equal size to one destination as one segmented send. Errors that
// the network reports (ICMP) are no business of a packet socket: the packet is lost.
class UdpSocket final : public PacketSocket {
 public:
  // Port 0 takes a free one. Fails with Io when the port is taken or the address not of this host,
  // with Unsupported when the machine has no such protocol; the sentence says the mend. The loop
  // must outlive the socket.
  [[nodiscard]] static Result<std::unique_ptr<UdpSocket>> bind(
      EventLoop& loop, const IpEndpoint& local, const UdpSocketOptions& options = {});
  ~UdpSocket() override;
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  void send(const IpEndpoint& to, ByteView packet) override;
  void set_receiver(Receiver receiver) override;
  [[nodiscard]] IpEndpoint local() const override;
  [[nodiscard]] size_t max_packet_bytes() const override;

  [[nodiscard]] const UdpSocketStats& stats() const;
  // As the kernel tells; it counts its own overhead too.
  [[nodiscard]] size_t receive_buffer_bytes() const;

 private:
  struct State;
  explicit UdpSocket(std::shared_ptr<State> state);

  // Shared only with a reception under way, whose receiver may destroy the socket.
  std::shared_ptr<State> state_;
};

}  // namespace mayfly
