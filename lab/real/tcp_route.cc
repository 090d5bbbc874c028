#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/file_descriptor.h"
#include "lab/real/real_route.h"
#include "transport/socket_address.h"

namespace mayfly {
namespace {

// What is in the kernel and not yet sent can no longer be told from what is on its way.
constexpr int kNotSentLowAt = 16 * 1024;
constexpr size_t kLengthBytes = 4;

Result<void> set(const FileDescriptor& socket, int level, int option, int value,
                 const char* attempt) {
  if (setsockopt(socket.get(), level, option, &value, sizeof(value)) == 0) return {};
  return failure(from_errno(errno, attempt));
}

Result<FileDescriptor> tcp_socket() {
  FileDescriptor opened(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened.is_open()) return failure(from_errno(errno, "opening a TCP socket"));
  return opened;
}

Result<void> pin(const FileDescriptor& socket, const std::string& congestion_control) {
  if (setsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, congestion_control.data(),
                 static_cast<socklen_t>(congestion_control.size())) == 0) {
    return {};
  }
  return failure(
      ErrorCode::Unsupported,
      fmt::format("this kernel has no {0} for TCP; as root: modprobe tcp_{0}", congestion_control));
}

// What the socket really uses.
std::string congestion_control_of(const FileDescriptor& socket) {
  std::array<char, 16> name{};
  socklen_t length = name.size() - 1;
  if (getsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &length) != 0) return {};
  return name.data();
}

Result<FileDescriptor> listening_socket(const IpEndpoint& at, const std::string& control) {
  ASSIGN_OR_RETURN(FileDescriptor socket, tcp_socket());
  RETURN_IF_ERROR(pin(socket, control));
  const auto address = socket_address(at, IpEndpoint::Family::V4);
  if (bind(socket.get(), address->get(), address->length) != 0 || listen(socket.get(), 1) != 0) {
    return failure(from_errno(errno, "listening at " + to_string(at)));
  }
  return socket;
}

Result<FileDescriptor> connecting_socket(const IpEndpoint& to) {
  ASSIGN_OR_RETURN(FileDescriptor socket, tcp_socket());
  const auto address = socket_address(to, IpEndpoint::Family::V4);
  if (connect(socket.get(), address->get(), address->length) != 0 && errno != EINPROGRESS) {
    return failure(from_errno(errno, "connecting to " + to_string(to)));
  }
  return socket;
}

class TcpRoute final : public RealRoute {
 public:
  TcpRoute(const RouteStage& stage, std::string control, OnFrame on_frame, FileDescriptor listener,
           FileDescriptor receiver)
      : loop_(stage.loop),
        clip_(stage.clip),
        control_(std::move(control)),
        on_frame_(std::move(on_frame)),
        listener_(std::move(listener)),
        receiver_(std::move(receiver)) {
    for (size_t i = 0; i < clip_.size(); ++i) schedule_.push_back(clip_.due(i));
    listener_watch_ = loop_.watch(listener_.get(), [this] { accept_player(); }, {});
    receiver_watch_ = loop_.watch(receiver_.get(), [this] { receive(); }, {});
  }
  ~TcpRoute() override {
    // Watches end before what they watch is closed.
    listener_watch_.reset();
    receiver_watch_.reset();
    sender_watch_.reset();
  }
  TcpRoute(const TcpRoute&) = delete;
  TcpRoute& operator=(const TcpRoute&) = delete;

  [[nodiscard]] const std::vector<Duration>& schedule() const override { return schedule_; }
  [[nodiscard]] bool is_connected() override { return sender_.is_open(); }
  void send(size_t piece) override {
    const Bytes& payload = *clip_.frames[piece].payload;
    ByteWriter writer(waiting_);
    writer.u32(static_cast<uint32_t>(payload.size()));
    writer.append(payload);
    push();
  }
  [[nodiscard]] std::string problem() const override { return problem_; }
  [[nodiscard]] Duration afterwards() const override { return 5s; }
  void complete(DeliveryLog& log) override {
    tcp_info info{};
    socklen_t length = sizeof(info);
    if (getsockopt(sender_.get(), IPPROTO_TCP, TCP_INFO, &info, &length) == 0) {
      log.chunks_retransmitted = info.tcpi_total_retrans;
    }
  }

 private:
  void accept_player() {
    FileDescriptor accepted(
        accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted.is_open() || sender_.is_open()) return;
    const auto prepared = prepare(accepted);
    if (!prepared) {
      problem_ = prepared.error().message;
      return;
    }
    sender_ = std::move(accepted);
    sender_watch_ = loop_.watch(
        sender_.get(), [] {}, [this] { push(); });
  }
  [[nodiscard]] Result<void> prepare(const FileDescriptor& accepted) const {
    if (congestion_control_of(accepted) != control_) {
      return failure(ErrorCode::Io, "the accepted socket does not use " + control_);
    }
    RETURN_IF_ERROR(set(accepted, IPPROTO_TCP, TCP_NODELAY, 1, "setting TCP_NODELAY"));
    return set(accepted, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kNotSentLowAt,
               "setting TCP_NOTSENT_LOWAT");
  }

  // Hands over what the kernel takes.
  void push() {
    while (sent_ < waiting_.size()) {
      const ssize_t took =
          ::send(sender_.get(), waiting_.data() + sent_, waiting_.size() - sent_, MSG_NOSIGNAL);
      if (took < 0 && errno == EINTR) continue;
      if (took < 0 && errno != EAGAIN) problem_ = from_errno(errno, "sending over TCP").message;
      if (took <= 0) break;
      sent_ += static_cast<size_t>(took);
    }
    // What was sent goes at once, or when half of a long queue has: moving it costs.
    if (sent_ == waiting_.size() || sent_ > waiting_.size() / 2) {
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(sent_));
      sent_ = 0;
    }
    sender_watch_->want_writable(!waiting_.empty() && problem_.empty());
  }

  void receive() {
    std::array<std::byte, 64 * 1024> buffer{};
    while (true) {
      const ssize_t got = recv(receiver_.get(), buffer.data(), buffer.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) {
        problem_ = got == 0 ? "the sender closed the connection"
                            : from_errno(errno, "receiving over TCP").message;
        receiver_watch_.reset();
        return;
      }
      take(ByteView(buffer).first(static_cast<size_t>(got)));
    }
  }
  // The next bytes of the stream, in which each frame stands behind its length.
  void take(ByteView bytes) {
    received_.insert(received_.end(), bytes.begin(), bytes.end());
    while (problem_.empty() && next_ < clip_.size()) {
      const Bytes& expected = *clip_.frames[next_].payload;
      if (received_.size() < kLengthBytes + expected.size()) return;
      ByteReader reader(received_);
      const uint32_t length = reader.u32();
      const ByteView payload = reader.take(expected.size());
      if (length != expected.size() ||
          !std::equal(payload.begin(), payload.end(), expected.begin())) {
        problem_ = "other bytes came out of TCP than were put in";
        return;
      }
      received_.erase(received_.begin(),
                      received_.begin() + static_cast<ptrdiff_t>(kLengthBytes + length));
      on_frame_(next_++, loop_.now());
    }
  }

  EventLoop& loop_;
  const ClipTrace& clip_;
  const std::string control_;
  const OnFrame on_frame_;
  std::vector<Duration> schedule_;
  FileDescriptor listener_;
  FileDescriptor receiver_;
  FileDescriptor sender_;
  std::unique_ptr<Reactor::Watch> listener_watch_;
  std::unique_ptr<Reactor::Watch> receiver_watch_;
  std::unique_ptr<Reactor::Watch> sender_watch_;
  Bytes waiting_;  // for the kernel to take it, from sent_ on
  size_t sent_ = 0;
  Bytes received_;   // of the frame that is under way
  size_t next_ = 0;  // frame to come
  std::string problem_;
};

}  // namespace

Result<std::unique_ptr<RealRoute>> make_tcp_route(const RouteStage& stage,
                                                  std::string congestion_control,
                                                  RealRoute::OnFrame on_frame) {
  FileDescriptor listener;
  FileDescriptor receiver;
  RETURN_IF_ERROR(stage.network.at_server([&]() -> Result<void> {
    ASSIGN_OR_RETURN(listener, listening_socket(stage.network.server(), congestion_control));
    return {};
  }));
  RETURN_IF_ERROR(stage.network.at_player([&]() -> Result<void> {
    ASSIGN_OR_RETURN(receiver, connecting_socket(stage.network.server()));
    return {};
  }));
  return std::make_unique<TcpRoute>(stage, std::move(congestion_control), std::move(on_frame),
                                    std::move(listener), std::move(receiver));
}

Result<void> tcp_has(const std::string& congestion_control) {
  ASSIGN_OR_RETURN(const FileDescriptor socket, tcp_socket());
  return pin(socket, congestion_control);
}

}  // namespace mayfly
