#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include "core/bytes.h"
#include "runtime/local_address.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// Room for the messages of one recvmmsg, each of which may be a run of packets that the kernel put
// together (UDP_GRO). Allocated once.
class UdpReceiveBatch {
 public:
  // One of the messages received: packets of `segment_bytes` back to back, of which the last may be
  // shorter.
  struct Run {
    IpEndpoint from;
    std::optional<IpEndpoint> to;  // which address of this host, where the socket tells
    ByteView bytes;
    size_t segment_bytes;
  };

  UdpReceiveBatch();

  // How many messages came; 0 when none waits.
  [[nodiscard]] size_t receive(int descriptor);
  // The message of that index. Nothing when it was cut off or came from nowhere.
  [[nodiscard]] std::optional<Run> run(size_t index) const;
  static constexpr size_t kMessages = 8;

 private:
  static constexpr size_t kMessageBytes = 65'536;  // the largest run the kernel builds
  using Control = std::array<std::byte, CMSG_SPACE(sizeof(int)) + kLocalAddressControlBytes>;

  std::unique_ptr<std::byte[]> buffer_;
  std::array<sockaddr_storage, kMessages> addresses_{};
  std::array<iovec, kMessages> vectors_{};
  std::array<mmsghdr, kMessages> messages_{};
  alignas(cmsghdr) std::array<Control, kMessages> controls_{};
};

}  // namespace mayfly
