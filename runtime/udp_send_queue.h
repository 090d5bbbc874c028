#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.h"
#include "runtime/local_address.h"
#include "runtime/udp_socket.h"
#include "transport/socket_address.h"

namespace mayfly {

// The packets of a round on their way to the kernel, back to back in one buffer, so that a run of
// packets of the same size to the same place is one piece of memory and one segmented send.
// Allocates only while it grows to the size of the largest round.
//
// Decides what goes into which system call and what to do when one is refused; the call itself is
// made by whoever owns the socket.
class UdpSendQueue {
 public:
  // As sendmmsg(2): how many of the messages were taken, or the negative error number.
  using SendMessages = std::function<int(std::span<mmsghdr> messages)>;

  // `stats` must outlive the queue.
  UdpSendQueue(IpEndpoint::Family family, const UdpSocketOptions& options, UdpSocketStats& stats,
               SendMessages send_messages);

  // Counts the packet as dropped when it cannot be sent from this socket or there is no room.
  // `source`: the address of this host that it leaves by; none: the routes say.
  void push(const IpEndpoint& to, ByteView packet,
            const std::optional<IpEndpoint>& source = std::nullopt);
  // Whether enough waits to be worth a call before the round ends.
  [[nodiscard]] bool is_batch_full() const;
  [[nodiscard]] bool empty() const { return first_ == packets_.size(); }
  // Hands over what the kernel takes. False when it takes no more for now: the rest stays, in
  // order.
  [[nodiscard]] bool flush();

 private:
  struct Packet {
    size_t offset;
    size_t bytes;
    size_t destination;  // index into destinations_
  };
  static constexpr size_t kBatch = 64;  // messages of one sendmmsg
  using Control = std::array<std::byte, CMSG_SPACE(sizeof(uint16_t)) + kLocalAddressControlBytes>;

  [[nodiscard]] size_t destination_of(const IpEndpoint& to,
                                      const std::optional<IpEndpoint>& source);
  [[nodiscard]] size_t run_length(size_t first) const;
  // The messages of one call, and how many of them.
  [[nodiscard]] size_t compose();
  // What the kernel is to be told of a message besides its bytes.
  void add_control(msghdr& message, Control& control, const Packet& head, size_t run) const;
  // Lets go of what has left, so that a queue that never runs dry does not grow.
  void forget_sent();
  // What to do about the first message, which the kernel refused. False: wait.
  [[nodiscard]] bool recover(int error_number);
  IpEndpoint::Family family_;
  UdpSocketStats& stats_;
  SendMessages send_messages_;
  bool segment_;
  size_t queue_bytes_;

  Bytes bytes_;
  std::vector<Packet> packets_;
  size_t first_ = 0;         // packets before it are gone
  size_t single_until_ = 0;  // packets before it go one by one: a run of them was refused
  struct Destination {
    IpEndpoint endpoint;
    std::optional<IpEndpoint> source;
    SocketAddress address;
  };
  std::vector<Destination> destinations_;

  std::array<mmsghdr, kBatch> messages_{};
  std::array<iovec, kBatch> vectors_{};
  alignas(cmsghdr) std::array<Control, kBatch> controls_{};
  std::array<size_t, kBatch> runs_{};  // packets of each message
};

}  // namespace mayfly
