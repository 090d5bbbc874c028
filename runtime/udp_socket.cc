#include "runtime/udp_socket.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/file_descriptor.h"
#include "runtime/local_address.h"
#include "runtime/udp_receive_batch.h"
#include "runtime/udp_send_queue.h"

namespace mayfly {
namespace {

constexpr size_t kMtuBytes = 1500;  // what nearly every link carries; nobody has told more
// How many batches are read before the loop may look after others.
constexpr int kMaxBatchesPerRound = 8;

Error no_socket(int error_number, const IpEndpoint& local) {
  const bool is_v6 = local.family == IpEndpoint::Family::V6;
  if (error_number == EAFNOSUPPORT && is_v6) {
    return {ErrorCode::Unsupported,
            fmt::format("UDP {}: this machine has no IPv6; use an IPv4 address, such as 0.0.0.0:{}",
                        to_string(local), local.port)};
  }
  return from_errno(error_number, "UDP " + to_string(local));
}

Error not_bound(int error_number, const IpEndpoint& local) {
  const std::string where = "UDP " + to_string(local);
  switch (error_number) {
    case EADDRINUSE:
      return {ErrorCode::Io, fmt::format("{}: the port is taken; choose another, or stop the "
                                         "program that `ss -ulpn 'sport = {}'` names",
                                         where, local.port)};
    case EADDRNOTAVAIL:
      return {ErrorCode::Io,
              fmt::format("{}: no interface of this host has that address; `ip address` lists them",
                          where)};
    case EACCES:
      return {ErrorCode::Io,
              fmt::format("{}: ports below 1024 are for root; choose a higher one", where)};
    default: return from_errno(error_number, where);
  }
}

bool set_option(int descriptor, int level, int name, int value) {
  return ::setsockopt(descriptor, level, name, &value, sizeof(value)) == 0;
}

void set_buffer(int descriptor, int forced, int allowed, size_t bytes) {
  const int value = static_cast<int>(bytes);
  if (!set_option(descriptor, SOL_SOCKET, forced, value)) {
    (void)set_option(descriptor, SOL_SOCKET, allowed, value);
  }
}

Result<FileDescriptor> bound_socket(const IpEndpoint& local) {
  const bool is_v6 = local.family == IpEndpoint::Family::V6;
  FileDescriptor descriptor(
      ::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.is_open()) return failure(no_socket(errno, local));
  // Only the wildcard stands for both protocols, whatever the system's default is.
  if (is_v6) {
    (void)set_option(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, local.is_any() ? 0 : 1);
  }
  const auto address = socket_address(local, local.family);
  if (::bind(descriptor.get(), address->get(), address->length) != 0) {
    return failure(not_bound(errno, local));
  }
  return descriptor;
}

Result<IpEndpoint> local_of(const FileDescriptor& descriptor, const IpEndpoint& asked) {
  SocketAddress address;
  if (::getsockname(descriptor.get(), address.get(), &address.length) != 0) {
    return failure(from_errno(errno, "UDP " + to_string(asked)));
  }
  IpEndpoint local = asked;
  if (const auto found = ip_endpoint(address.storage)) local.port = found->port;
  return local;
}

}  // namespace

struct UdpSocket::State : std::enable_shared_from_this<State> {
  State(FileDescriptor the_descriptor, const IpEndpoint& the_local, const UdpSocketOptions& options)
      : descriptor(std::move(the_descriptor)),
        local(the_local),
        outgoing(the_local.family, options, stats, [this](std::span<mmsghdr> messages) {
          const auto count = static_cast<unsigned>(messages.size());
          const int sent = ::sendmmsg(descriptor.get(), messages.data(), count, 0);
          return sent < 0 ? -errno : sent;
        }) {}

  void flush();
  void receive();
  void deliver(const UdpReceiveBatch::Run& run);

  FileDescriptor descriptor;  // first, so that it is closed after its watch
  IpEndpoint local;
  UdpSocketStats stats;
  UdpSendQueue outgoing;
  bool blocked = false;  // the kernel takes no more until the socket is writable
  UdpReceiveBatch incoming;
  LocalAddressBook local_addresses;          // of a socket that is bound to all of them
  std::shared_ptr<const Receiver> receiver;  // shared with the call that may replace it
  std::unique_ptr<EventLoop::RoundEndTask> flush_task;
  std::unique_ptr<Reactor::Watch> watch;
};

void UdpSocket::State::flush() {
  const bool was_blocked = std::exchange(blocked, !outgoing.flush());
  if (blocked != was_blocked) watch->want_writable(blocked);
}

void UdpSocket::State::receive() {
  const auto alive = shared_from_this();  // a receiver may destroy the socket
  for (int batch = 0; batch < kMaxBatchesPerRound && watch; ++batch) {
    const size_t count = incoming.receive(descriptor.get());
    if (count == 0) return;
    ++stats.receive_calls;
    for (size_t i = 0; i < count; ++i) {
      if (const auto run = incoming.run(i)) deliver(*run);
    }
    if (count < UdpReceiveBatch::kMessages) return;
  }
}

void UdpSocket::State::deliver(const UdpReceiveBatch::Run& run) {
  if (run.bytes.size() > run.segment_bytes) ++stats.coalesced_runs;
  if (run.to) local_addresses.note(run.from, *run.to);
  ByteView rest = run.bytes;
  while (!rest.empty()) {
    const auto call = receiver;
    if (!call) return;
    const size_t bytes = std::min(rest.size(), run.segment_bytes);
    ++stats.packets_received;
    (*call)(run.from, rest.first(bytes));
    rest = rest.subspan(bytes);
  }
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::bind(EventLoop& loop, const IpEndpoint& local,
                                                   const UdpSocketOptions& options) {
  ASSIGN_OR_RETURN(FileDescriptor descriptor, bound_socket(local));
  set_buffer(descriptor.get(), SO_RCVBUFFORCE, SO_RCVBUF, options.receive_buffer_bytes);
  set_buffer(descriptor.get(), SO_SNDBUFFORCE, SO_SNDBUF, options.send_buffer_bytes);
  if (options.segmentation_offload) (void)set_option(descriptor.get(), SOL_UDP, UDP_GRO, 1);
  if (local.is_any()) tell_local_addresses(descriptor.get(), local.family);
  ASSIGN_OR_RETURN(const IpEndpoint bound, local_of(descriptor, local));
  auto state = std::make_shared<State>(std::move(descriptor), bound, options);
  State* raw = state.get();  // owns both callbacks
  state->flush_task = loop.at_round_end([raw] {
    if (!raw->blocked) raw->flush();
  });
  state->watch = loop.watch(
      raw->descriptor.get(), [raw] { raw->receive(); }, [raw] { raw->flush(); });
  return std::unique_ptr<UdpSocket>(new UdpSocket(std::move(state)));
}

UdpSocket::UdpSocket(std::shared_ptr<State> state) : state_(std::move(state)) {}

UdpSocket::~UdpSocket() {
  // What was sent before the end, such as a goodbye, still leaves.
  (void)state_->outgoing.flush();
  state_->receiver = nullptr;
  state_->flush_task = nullptr;
  state_->watch = nullptr;
}

void UdpSocket::send(const IpEndpoint& to, ByteView packet) {
  state_->outgoing.push(to, packet, state_->local_addresses.of(to));
  if (state_->blocked) return;
  if (state_->outgoing.is_batch_full()) {
    state_->flush();
  } else {
    state_->flush_task->schedule();
  }
}

void UdpSocket::set_receiver(Receiver receiver) {
  state_->receiver = receiver ? std::make_shared<const Receiver>(std::move(receiver)) : nullptr;
}

IpEndpoint UdpSocket::local() const { return state_->local; }

size_t UdpSocket::max_packet_bytes() const {
  const bool is_v6 = state_->local.family == IpEndpoint::Family::V6;
  return kMtuBytes - (is_v6 ? 40 + 8 : 20 + 8);
}

const UdpSocketStats& UdpSocket::stats() const { return state_->stats; }

size_t UdpSocket::receive_buffer_bytes() const {
  int bytes = 0;
  socklen_t length = sizeof(bytes);
  ::getsockopt(state_->descriptor.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &length);
  return static_cast<size_t>(bytes);
}

}  // namespace mayfly
