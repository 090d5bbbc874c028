#include "runtime/udp_send_queue.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mayfly {
namespace {

// UDP_MAX_SEGMENTS of kernels before 6.9; later ones take 128.
constexpr size_t kMaxSegments = 64;
// What one IPv4 UDP datagram carries at most; a segmented send is bounded by the same.
constexpr size_t kMaxRunBytes = 65'507;
// A round that sends more than this does so in several calls.
constexpr size_t kBatchBytes = 256 << 10;

}  // namespace

UdpSendQueue::UdpSendQueue(IpEndpoint::Family family, const UdpSocketOptions& options,
                           UdpSocketStats& stats, SendMessages send_messages)
    : family_(family),
      stats_(stats),
      send_messages_(std::move(send_messages)),
      segment_(options.segmentation_offload),
      queue_bytes_(options.queue_bytes) {}

void UdpSendQueue::push(const IpEndpoint& to, ByteView packet,
                        const std::optional<IpEndpoint>& source) {
  const bool reachable = family_ == IpEndpoint::Family::V6 || to.family == IpEndpoint::Family::V4;
  if (!reachable || packet.empty() || packet.size() > kMaxRunBytes ||
      bytes_.size() + packet.size() > queue_bytes_) {
    ++stats_.packets_dropped;
    return;
  }
  packets_.push_back({bytes_.size(), packet.size(), destination_of(to, source)});
  bytes_.insert(bytes_.end(), packet.begin(), packet.end());
}

bool UdpSendQueue::is_batch_full() const { return bytes_.size() >= kBatchBytes; }

// Most packets go where the one before went, and a round knows few destinations.
size_t UdpSendQueue::destination_of(const IpEndpoint& to, const std::optional<IpEndpoint>& source) {
  for (size_t i = destinations_.size(); i > 0; --i) {
    const Destination& each = destinations_[i - 1];
    if (each.endpoint == to && each.source == source) return i - 1;
    if (destinations_.size() - i >= kBatch) break;
  }
  destinations_.push_back({to, source, *socket_address(to, family_)});
  return destinations_.size() - 1;
}

bool UdpSendQueue::flush() {
  while (!empty()) {
    const int sent = send_messages_(std::span(messages_).first(compose()));
    if (sent <= 0) {
      if (recover(-sent)) continue;
      forget_sent();
      return false;
    }
    ++stats_.send_calls;
    for (size_t i = 0; i < static_cast<size_t>(sent); ++i) {
      stats_.packets_sent += runs_[i];
      if (runs_[i] > 1) ++stats_.segmented_runs;
      first_ += runs_[i];
    }
  }
  packets_.clear();
  bytes_.clear();
  destinations_.clear();
  first_ = 0;
  single_until_ = 0;
  return true;
}

void UdpSendQueue::forget_sent() {
  // Not each time: what stays is moved.
  if (first_ < packets_.size() / 2) return;
  const size_t bytes = packets_[first_].offset;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(bytes));
  packets_.erase(packets_.begin(), packets_.begin() + static_cast<std::ptrdiff_t>(first_));
  const std::vector<Destination> known = std::exchange(destinations_, {});
  for (Packet& each : packets_) {
    each.offset -= bytes;
    each.destination =
        destination_of(known[each.destination].endpoint, known[each.destination].source);
  }
  single_until_ -= std::min(single_until_, first_);
  first_ = 0;
}

// Equal sizes, of which the last may be shorter.
size_t UdpSendQueue::run_length(size_t first) const {
  if (!segment_ || first < single_until_) return 1;
  const Packet& head = packets_[first];
  size_t total = head.bytes;
  size_t end = first + 1;
  while (end < packets_.size() && end - first < kMaxSegments) {
    const Packet& next = packets_[end];
    if (next.destination != head.destination || next.bytes > head.bytes ||
        total + next.bytes > kMaxRunBytes) {
      break;
    }
    total += next.bytes;
    ++end;
    if (next.bytes < head.bytes) break;
  }
  return end - first;
}

size_t UdpSendQueue::compose() {
  size_t next = first_;
  size_t count = 0;
  for (; count < kBatch && next < packets_.size(); ++count) {
    const Packet& head = packets_[next];
    const size_t run = run_length(next);
    const Packet& tail = packets_[next + run - 1];
    runs_[count] = run;
    vectors_[count] = {.iov_base = bytes_.data() + head.offset,
                       .iov_len = tail.offset + tail.bytes - head.offset};
    SocketAddress& address = destinations_[head.destination].address;
    msghdr& message = messages_[count].msg_hdr;
    message = {};
    message.msg_name = address.get();
    message.msg_namelen = address.length;
    message.msg_iov = &vectors_[count];
    message.msg_iovlen = 1;
    add_control(message, controls_[count], head, run);
    next += run;
  }
  return count;
}

void UdpSendQueue::add_control(msghdr& message, Control& control, const Packet& head,
                               size_t run) const {
  const std::optional<IpEndpoint>& source = destinations_[head.destination].source;
  if (run == 1 && !source) return;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  size_t used = 0;
  if (run > 1) {
    const auto bytes = static_cast<uint16_t>(head.bytes);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(bytes));
    std::memcpy(CMSG_DATA(header), &bytes, sizeof(bytes));
    used = CMSG_SPACE(sizeof(bytes));
    header = reinterpret_cast<cmsghdr*>(control.data() + used);
  }
  if (source) used += put_local_address(*header, *source, family_);
  message.msg_controllen = used;
}

bool UdpSendQueue::recover(int error_number) {
  if (error_number == 0 || error_number == EAGAIN || error_number == EWOULDBLOCK) return false;
  if (error_number == EINTR) return true;
  if (runs_[0] > 1) {
    // A path or a device that cannot segment says EIO; a kernel before 4.18 EINVAL, as does one
    // that finds the packets too large for the way. One by one, each gets what is due to it.
    if (error_number == EIO) segment_ = false;
    single_until_ = first_ + runs_[0];
    return true;
  }
  // The address the peer wrote to may be gone; the routes know another.
  if (auto& source = destinations_[packets_[first_].destination].source; source) {
    source.reset();
    return true;
  }
  ++stats_.packets_dropped;  // no route, no buffer, forbidden: a lost packet
  ++first_;
  return true;
}

}  // namespace mayfly
