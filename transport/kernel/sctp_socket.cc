#include "transport/kernel/sctp_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/sctp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/check.h"
#include "transport/kernel/notified_association.h"
#include "transport/socket_address.h"

namespace mayfly {
namespace {

constexpr int kListenBacklog = 128;
constexpr size_t kMaxAbortReasonBytes = 512;  // of an ABORT: one packet of any path takes it

// The addresses one behind the other, as sctp_bindx() and sctp_connectx() read them.
Result<Bytes> packed(const std::vector<IpEndpoint>& endpoints, IpEndpoint::Family family) {
  Bytes result;
  for (const IpEndpoint& each : endpoints) {
    const auto address = socket_address(each, family);
    if (!address) {
      return failure(ErrorCode::InvalidArgument,
                     fmt::format("{} cannot be used on an IPv4 socket", to_string(each)));
    }
    const ByteView bytes = std::as_bytes(std::span(&address->storage, 1)).first(address->length);
    result.insert(result.end(), bytes.begin(), bytes.end());
  }
  return result;
}

sockaddr* as_addresses(Bytes& bytes) { return reinterpret_cast<sockaddr*>(bytes.data()); }

std::vector<IpEndpoint> unpacked(const sockaddr* addresses, int count) {
  std::vector<IpEndpoint> result;
  const auto* next = reinterpret_cast<const std::byte*>(addresses);
  for (int i = 0; i < count; ++i) {
    sa_family_t family = 0;
    std::memcpy(&family, next, sizeof(family));
    const size_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    sockaddr_storage storage{};
    std::memcpy(&storage, next, length);
    if (const auto endpoint = ip_endpoint(storage)) result.push_back(*endpoint);
    next += length;
  }
  return result;
}

// When the stack may give a message up (RFC 7496); nothing for a reliable one.
std::optional<sctp_prinfo> reliability(const SendOptions& options) {
  sctp_prinfo info{};
  if (options.lifetime) {
    info.pr_policy = SCTP_PR_SCTP_TTL;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*options.lifetime).count();
    info.pr_value = static_cast<uint32_t>(std::clamp<int64_t>(left, 1, UINT32_MAX));
    return info;
  }
  if (options.max_retransmissions) {
    info.pr_policy = SCTP_PR_SCTP_RTX;
    info.pr_value = *options.max_retransmissions;
    return info;
  }
  if (!options.discard_priority) return std::nullopt;
  info.pr_policy = SCTP_PR_SCTP_PRIO;
  info.pr_value = *options.discard_priority;
  return info;
}

template <class T>
void put(cmsghdr& header, int type, const T& value) {
  header.cmsg_level = IPPROTO_SCTP;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN(sizeof(T));
  std::memcpy(CMSG_DATA(&header), &value, sizeof(T));
}

// As sctp_sendv() does, which however loses the flags: a message for an association that is gone
// would end the process with SIGPIPE.
ssize_t send_message(int descriptor, ByteView payload, const sctp_sndinfo& info,
                     const std::optional<sctp_prinfo>& limit) {
  constexpr size_t kInfoBytes = CMSG_SPACE(sizeof(sctp_sndinfo));
  constexpr size_t kLimitBytes = CMSG_SPACE(sizeof(sctp_prinfo));
  alignas(cmsghdr) std::array<std::byte, kInfoBytes + kLimitBytes> control{};
  iovec part{const_cast<std::byte*>(payload.data()), payload.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = limit ? control.size() : kInfoBytes;
  cmsghdr* const first = CMSG_FIRSTHDR(&header);
  put(*first, SCTP_SNDINFO, info);
  if (limit) put(*CMSG_NXTHDR(&header, first), SCTP_PRINFO, *limit);
  return sendmsg(descriptor, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool is_transient(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK || error_number == EINTR;
}

}  // namespace

Error kernel_without_sctp(int error_number) {
  const std::string cause = error_number == EACCES || error_number == EPERM
                                ? "this process may not open SCTP sockets"
                                : "this kernel has no SCTP";
  return {ErrorCode::Unsupported,
          cause +
              ": try \"modprobe sctp\"; on cloud images first \"apt-get install "
              "linux-modules-extra-$(uname -r)\" (Ubuntu) or \"linux-image-amd64\" (Debian); or "
              "use --transport usrsctp, which needs nothing of the kernel"};
}

IpEndpoint::Family family_for(const std::vector<IpEndpoint>& endpoints) {
  const bool any_v6 = std::any_of(endpoints.begin(), endpoints.end(), [](const IpEndpoint& each) {
    return each.family == IpEndpoint::Family::V6;
  });
  return any_v6 ? IpEndpoint::Family::V6 : IpEndpoint::Family::V4;
}

Result<SctpSocket> SctpSocket::open(IpEndpoint::Family family, Kind kind) {
  const int domain = family == IpEndpoint::Family::V4 ? AF_INET : AF_INET6;
  const int type = kind == Kind::OneToMany ? SOCK_SEQPACKET : SOCK_STREAM;
  FileDescriptor descriptor(socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP));
  if (descriptor.is_open()) return SctpSocket(std::move(descriptor), family, kind);
  if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
    return failure(from_errno(errno, "open an SCTP socket"));
  }
  const int error_number = errno;
  if (error_number == EAFNOSUPPORT && family == IpEndpoint::Family::V6 &&
      FileDescriptor(socket(AF_INET, type | SOCK_CLOEXEC, IPPROTO_SCTP)).is_open()) {
    return failure(ErrorCode::Unsupported,
                   "this machine has no IPv6: use an IPv4 address, such as 0.0.0.0");
  }
  return failure(kernel_without_sctp(error_number));
}

Result<void> SctpSocket::bind_one(const IpEndpoint& endpoint, const std::string& called) {
  ASSIGN_OR_RETURN(Bytes address, packed({endpoint}, family_));
  if (sctp_bindx(descriptor(), as_addresses(address), 1, SCTP_BINDX_ADD_ADDR) == 0) return {};
  const int error_number = errno;
  const std::string where = "bind to " + called;
  if (error_number == EADDRINUSE) {
    return failure(ErrorCode::Io, where + ": another program has this SCTP port; choose another");
  }
  if (error_number == EADDRNOTAVAIL) {
    return failure(ErrorCode::Io,
                   where + ": this host has no such address; \"ip address\" lists those it has");
  }
  return failure(from_errno(error_number, where));
}

Result<void> SctpSocket::bind(const std::vector<IpEndpoint>& endpoints) {
  MAYFLY_CHECK(!endpoints.empty());
  // Or a server that is started again finds its port taken by associations that still shut down. A
  // port where somebody listens stays taken.
  const int on = 1;
  static_cast<void>(set_option(SOL_SOCKET, SO_REUSEADDR, on));
  uint16_t port = endpoints.front().port;
  for (IpEndpoint each : endpoints) {
    const std::string called = each.port == 0 ? address_text(each) : to_string(each);
    each.port = port;
    RETURN_IF_ERROR(bind_one(each, called));
    if (port != 0) continue;
    const std::vector<IpEndpoint> bound = local_addresses();
    if (bound.empty()) return failure(ErrorCode::Io, "bind to " + called + ": it has no address");
    port = bound.front().port;
  }
  return {};
}

Result<void> SctpSocket::listen() {
  if (::listen(descriptor(), kListenBacklog) == 0) return {};
  return failure(from_errno(errno, "listen"));
}

void SctpSocket::stop_listening() { static_cast<void>(::listen(descriptor(), 0)); }

Result<std::optional<SctpSocket>> SctpSocket::accept() {
  FileDescriptor accepted(accept4(descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted.is_open()) return SctpSocket(std::move(accepted), family_, kind_);
  if (is_transient(errno) || errno == ECONNABORTED) return std::nullopt;
  return failure(from_errno(errno, "accept an association"));
}

Result<SctpSocket> SctpSocket::peel_off(AssociationId association) {
  // Debian's libsctp declares sctp_peeloff_flags() and does not have it.
  sctp_peeloff_flags_arg_t peeling{};
  peeling.p_arg.associd = association.value();
  peeling.flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  socklen_t length = sizeof(peeling);
  if (getsockopt(descriptor(), IPPROTO_SCTP, SCTP_SOCKOPT_PEELOFF_FLAGS, &peeling, &length) < 0) {
    return failure(from_errno(errno, "peel off an association"));
  }
  return SctpSocket(FileDescriptor(peeling.p_arg.sd), family_, Kind::PeeledOff);
}

SctpSocket::Connecting SctpSocket::connect(const std::vector<IpEndpoint>& endpoints) {
  auto addresses = packed(endpoints, family_);
  MAYFLY_CHECK(addresses.has_value());
  const int count = static_cast<int>(endpoints.size());
  sctp_assoc_t id = 0;
  const int done = sctp_connectx(descriptor(), as_addresses(*addresses), count, &id);
  return {done >= 0 || errno == EINPROGRESS ? 0 : errno, AssociationId(id)};
}

std::vector<IpEndpoint> SctpSocket::local_addresses() const {
  sockaddr* addresses = nullptr;
  const int count = sctp_getladdrs(descriptor(), 0, &addresses);
  if (count <= 0) return {};
  auto result = unpacked(addresses, count);
  sctp_freeladdrs(addresses);
  return result;
}

std::vector<IpEndpoint> SctpSocket::peer_addresses(AssociationId association) const {
  sockaddr* addresses = nullptr;
  const int count = sctp_getpaddrs(descriptor(), association.value(), &addresses);
  if (count <= 0) return {};
  auto result = unpacked(addresses, count);
  sctp_freepaddrs(addresses);
  return result;
}

SctpRead SctpSocket::read(Bytes& buffer) {
  iovec part{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(sctp_rcvinfo))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t count = recvmsg(descriptor(), &header, MSG_DONTWAIT);
  if (count < 0) {
    if (is_transient(errno)) return {{}, NothingToRead{}};
    return {{}, ReadFailed{errno}};
  }
  const ByteView bytes = ByteView(buffer).first(static_cast<size_t>(count));
  const bool complete = (header.msg_flags & MSG_EOR) != 0;
  if ((header.msg_flags & MSG_NOTIFICATION) != 0) {
    const bool begins = !std::exchange(inside_notification_, !complete);
    if (!begins) return {{}, OtherSctpEvent{}};
    return {notified_association(bytes).value_or(AssociationId()), parse_sctp_event(bytes)};
  }
  if (count == 0) return {{}, EndOfAssociation{}};

  sctp_rcvinfo received{};
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level == IPPROTO_SCTP && each->cmsg_type == SCTP_RCVINFO) {
      std::memcpy(&received, CMSG_DATA(each), sizeof(received));
    }
  }
  const bool ordered = (received.rcv_flags & SCTP_UNORDERED) == 0;
  // Of one stream the kernel delivers at most one ordered and one unordered message in parts at a
  // time, so the sequence number would distinguish nothing.
  return {AssociationId(received.rcv_assoc_id),
          MessagePiece{StreamId(received.rcv_sid), ordered, std::nullopt,
                       Ppid(ntohl(received.rcv_ppid)), bytes, complete}};
}

SendOutcome SctpSocket::send(AssociationId association, const Message& message,
                             const SendOptions& options, uint32_t token) {
  sctp_sndinfo info{};
  info.snd_sid = message.stream.value();
  info.snd_flags = options.ordered ? 0 : SCTP_UNORDERED;
  info.snd_ppid = htonl(message.ppid.value());
  info.snd_context = token;
  info.snd_assoc_id = association.value();
  const ssize_t sent = send_message(descriptor(), message.payload, info, reliability(options));
  if (sent >= 0) return SendOutcome::Taken;
  if (is_transient(errno) || errno == ENOBUFS || errno == ENOMEM) return SendOutcome::Full;
  if (errno == EINVAL || errno == EMSGSIZE) return SendOutcome::Refused;
  return SendOutcome::Closed;
}

void SctpSocket::shut_down(AssociationId association) {
  if (kind_ == Kind::OneToOne) {
    ::shutdown(descriptor(), SHUT_WR);
  } else {
    end(association, SCTP_EOF, {});
  }
}

void SctpSocket::abort(AssociationId association, const std::string& reason) {
  if (kind_ == Kind::OneToOne) {
    const linger at_once{1, 0};
    static_cast<void>(set_option(SOL_SOCKET, SO_LINGER, at_once));
    descriptor_.reset();
  } else {
    end(association, SCTP_ABORT, std::string_view(reason).substr(0, kMaxAbortReasonBytes));
  }
}

// An end is a message that is none (RFC 6458 5.3.4).
void SctpSocket::end(AssociationId association, uint16_t how, std::string_view reason) {
  sctp_sndinfo info{};
  info.snd_flags = how;
  info.snd_assoc_id = association.value();
  static_cast<void>(send_message(descriptor(), as_bytes(reason), info, std::nullopt));
}

}  // namespace mayfly
