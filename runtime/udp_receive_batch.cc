#include "runtime/udp_receive_batch.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>

#include "transport/socket_address.h"

namespace mayfly {

UdpReceiveBatch::UdpReceiveBatch()
    : buffer_(std::make_unique_for_overwrite<std::byte[]>(kMessages * kMessageBytes)) {
  for (size_t i = 0; i < kMessages; ++i) {
    vectors_[i] = {.iov_base = buffer_.get() + i * kMessageBytes, .iov_len = kMessageBytes};
  }
}

size_t UdpReceiveBatch::receive(int descriptor) {
  for (size_t i = 0; i < kMessages; ++i) {
    msghdr& message = messages_[i].msg_hdr;
    message = {};
    message.msg_name = &addresses_[i];
    message.msg_namelen = sizeof(addresses_[i]);
    message.msg_iov = &vectors_[i];
    message.msg_iovlen = 1;
    message.msg_control = controls_[i].data();
    message.msg_controllen = controls_[i].size();
  }
  const int count = ::recvmmsg(descriptor, messages_.data(), kMessages, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

std::optional<UdpReceiveBatch::Run> UdpReceiveBatch::run(size_t index) const {
  const mmsghdr& received = messages_[index];
  if ((received.msg_hdr.msg_flags & MSG_TRUNC) != 0) return std::nullopt;
  const auto from = ip_endpoint(addresses_[index]);
  if (!from) return std::nullopt;
  Run run{*from, std::nullopt, ByteView(buffer_.get() + index * kMessageBytes, received.msg_len),
          received.msg_len};
  msghdr header = received.msg_hdr;  // CMSG_NXTHDR wants it mutable
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (const auto to = local_address_in(*each)) run.to = to;
    if (each->cmsg_level != SOL_UDP || each->cmsg_type != UDP_GRO) continue;
    int segment_bytes = 0;
    std::memcpy(&segment_bytes, CMSG_DATA(each), sizeof(segment_bytes));
    if (segment_bytes > 0) run.segment_bytes = static_cast<size_t>(segment_bytes);
  }
  return run;
}

}  // namespace mayfly
