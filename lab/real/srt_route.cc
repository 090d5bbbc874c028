#include <srt/srt.h>
#include <syslog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "lab/real/real_route.h"
#include "lab/real/rtp_stream.h"
#include "lab/real/srt_latency.h"
#include "transport/socket_address.h"

namespace mayfly {
namespace {

constexpr size_t kLargestMessage = 1456;
// Before the playout a message of this size finds out how long SRT really takes.
constexpr size_t kProbeBytes = 1;
constexpr Duration kTolerance = 5ms;
constexpr int kMostConnections = 8;

Error srt_error(const std::string& attempt) {
  return {ErrorCode::Io, attempt + ": " + srt_getlasterror_str()};
}

// A socket of the library.
class SrtSocket {
 public:
  SrtSocket() = default;
  explicit SrtSocket(SRTSOCKET socket) : socket_(socket) {}
  ~SrtSocket() { close(); }
  SrtSocket(SrtSocket&& other) noexcept : socket_(std::exchange(other.socket_, SRT_INVALID_SOCK)) {}
  SrtSocket& operator=(SrtSocket&& other) noexcept {
    std::swap(socket_, other.socket_);
    return *this;
  }
  SrtSocket(const SrtSocket&) = delete;
  SrtSocket& operator=(const SrtSocket&) = delete;

  [[nodiscard]] SRTSOCKET get() const { return socket_; }
  [[nodiscard]] bool is_open() const { return socket_ != SRT_INVALID_SOCK; }
  void close() {
    if (is_open()) srt_close(socket_);
    socket_ = SRT_INVALID_SOCK;
  }

 private:
  SRTSOCKET socket_ = SRT_INVALID_SOCK;
};

// The library, for as long as one lives.
class SrtLibrary {
 public:
  SrtLibrary() {
    srt_startup();
    // What goes wrong comes back from the calls; that nobody has connected yet is no error.
    srt_setloglevel(LOG_CRIT);
  }
  ~SrtLibrary() { srt_cleanup(); }
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

// Live mode as it comes but for the latency, bound to an address; its calls do not wait.
Result<SrtSocket> live_socket(const IpEndpoint& local, Duration latency) {
  SrtSocket socket(srt_create_socket());
  if (!socket.is_open()) return failure(srt_error("opening an SRT socket"));
  const SRT_TRANSTYPE live = SRTT_LIVE;
  const int milliseconds = static_cast<int>(latency / 1ms);
  const bool waits = false;
  const bool is_set =
      srt_setsockflag(socket.get(), SRTO_TRANSTYPE, &live, sizeof(live)) == 0 &&
      srt_setsockflag(socket.get(), SRTO_LATENCY, &milliseconds, sizeof(milliseconds)) == 0 &&
      srt_setsockflag(socket.get(), SRTO_RCVSYN, &waits, sizeof(waits)) == 0 &&
      srt_setsockflag(socket.get(), SRTO_SNDSYN, &waits, sizeof(waits)) == 0;
  if (!is_set) return failure(srt_error("setting up an SRT socket"));
  const auto address = socket_address(local, IpEndpoint::Family::V4);
  if (srt_bind(socket.get(), address->get(), static_cast<int>(address->length)) != 0) {
    return failure(srt_error("binding an SRT socket to " + to_string(local)));
  }
  return socket;
}

class SrtRoute final : public RealRoute {
 public:
  SrtRoute(const RouteStage& stage, OnFrame on_frame)
      : loop_(stage.loop),
        network_(stage.network),
        stream_(stage.clip, Spacing::AtOnce),
        wanted_(srt_total_delay(stage.cell)),
        latency_(wanted_ - stage.cell.one_way()),
        on_frame_(std::move(on_frame)),
        wake_(loop_.create([this] { meet(); })) {}
  ~SrtRoute() override { disconnect(); }
  SrtRoute(const SrtRoute&) = delete;
  SrtRoute& operator=(const SrtRoute&) = delete;

  [[nodiscard]] Result<void> listen() {
    return network_.at_server([&]() -> Result<void> {
      // The latency is what either end wants at the least.
      ASSIGN_OR_RETURN(listener_, live_socket(network_.server(), Duration::zero()));
      if (srt_listen(listener_.get(), 1) != 0) return failure(srt_error("listening with SRT"));
      return {};
    });
  }
  [[nodiscard]] Result<void> connect() {
    return network_.at_player([&]() -> Result<void> {
      ASSIGN_OR_RETURN(receiver_, live_socket(network_.player(), latency_));
      const auto to = socket_address(network_.server(), IpEndpoint::Family::V4);
      if (srt_connect(receiver_.get(), to->get(), static_cast<int>(to->length)) == SRT_ERROR) {
        return failure(srt_error("connecting with SRT"));
      }
      wake_->start(kMeetingInterval);
      return {};
    });
  }

  [[nodiscard]] const std::vector<Duration>& schedule() const override {
    return stream_.schedule();
  }
  [[nodiscard]] bool is_connected() override { return is_connected_; }
  void send(size_t piece) override { send_message(stream_.packet(piece)); }
  [[nodiscard]] std::string problem() const override { return problem_; }
  // Later than its latency SRT gives nothing out.
  [[nodiscard]] Duration afterwards() const override { return 500ms; }
  void complete(DeliveryLog& log) override {
    SRT_TRACEBSTATS stats{};
    if (srt_bstats(sender_.get(), &stats, 0) == 0) {
      log.chunks_retransmitted = static_cast<uint64_t>(stats.pktRetransTotal);
    }
  }

 private:
  static constexpr Duration kMeetingInterval = 2ms;

  // Until both ends have met; the handshake takes two round trips.
  void meet() {
    const SRT_SOCKSTATUS state = srt_getsockstate(receiver_.get());
    if (state == SRTS_BROKEN || state == SRTS_CLOSED || state == SRTS_NONEXIST) {
      problem_ = "the SRT connection failed";
      return;
    }
    if (!sender_.is_open()) sender_ = SrtSocket(srt_accept(listener_.get(), nullptr, nullptr));
    if (!sender_.is_open() || state != SRTS_CONNECTED) return wake_->start(kMeetingInterval);
    const bool waits = true;
    if (srt_setsockflag(receiver_.get(), SRTO_RCVSYN, &waits, sizeof(waits)) != 0) {
      problem_ = srt_error("setting up an SRT socket").message;
      return;
    }
    reader_ = std::thread([this, socket = receiver_.get()] { read(socket); });
    probed_at_ = loop_.now();
    send_message(Bytes(kProbeBytes));
  }

  // SRT counts its latency from a clock that it sets by the first packets, tens of milliseconds off
  // when a thread did not get its turn then. All rows have the same D, so what it is off is made up
  // for, and once it is right, stays.
  void judge_probe(Timestamp at) {
    const Duration took = at - probed_at_;
    if (took > wanted_ - kTolerance && took < wanted_ + kTolerance) {
      is_connected_ = true;
      return;
    }
    if (++connections_ == kMostConnections) {
      problem_ = "SRT's clock was off its latency in each of " + std::to_string(connections_) +
                 " connections: this machine is too busy for it";
      return;
    }
    latency_ = std::max(latency_ + wanted_ - took, Duration::zero());
    disconnect();
    const auto again = connect();
    if (!again) problem_ = again.error().message;
  }
  void disconnect() {
    wake_->stop();
    ending_ = true;
    receiver_.close();
    if (reader_.joinable()) reader_.join();
    ending_ = false;
    sender_.close();
  }

  void send_message(const Bytes& bytes) {
    std::array<char, kLargestMessage> message{};
    std::transform(bytes.begin(), bytes.end(), message.begin(),
                   [](std::byte each) { return static_cast<char>(each); });
    const int sent =
        srt_sendmsg2(sender_.get(), message.data(), static_cast<int>(bytes.size()), nullptr);
    // Where its buffer is full the message is lost, as in any live sender.
    if (sent == SRT_ERROR && srt_getlasterror(nullptr) != SRT_EASYNCSND) {
      problem_ = srt_error("sending over SRT").message;
    }
  }
  void take(const Bytes& packet, Timestamp at) {
    if (!is_connected_) return judge_probe(at);
    if (const auto frame = stream_.take(packet)) on_frame_(*frame, at);
  }

  // On a thread of its own: SRT's sockets cannot be waited for like others.
  void read(SRTSOCKET socket) {
    const SteadyClock clock;
    std::array<char, kLargestMessage> buffer{};
    while (!ending_) {
      const int got = srt_recvmsg(socket, buffer.data(), static_cast<int>(buffer.size()));
      if (got == SRT_ERROR) {
        if (ending_) return;
        return loop_.post(
            [this, why = srt_error("receiving over SRT").message] { problem_ = why; });
      }
      const Timestamp at = clock.now();
      const ByteView view = as_bytes({buffer.data(), static_cast<size_t>(got)});
      loop_.post([this, at, packet = Bytes(view.begin(), view.end())] { take(packet, at); });
    }
  }

  EventLoop& loop_;
  const RealNetwork& network_;
  const SrtLibrary library_;
  RtpStream stream_;
  const Duration wanted_;  // from a message's sending to its being given out
  Duration latency_;       // what SRT is told for that
  const OnFrame on_frame_;
  const std::unique_ptr<Timer> wake_;
  SrtSocket listener_;
  SrtSocket sender_;
  SrtSocket receiver_;
  Timestamp probed_at_{};
  int connections_ = 0;  // given up
  bool is_connected_ = false;
  std::string problem_;
  std::atomic<bool> ending_ = false;
  std::thread reader_;
};

}  // namespace

Result<std::unique_ptr<RealRoute>> make_srt_route(const RouteStage& stage,
                                                  RealRoute::OnFrame on_frame) {
  auto route = std::make_unique<SrtRoute>(stage, std::move(on_frame));
  RETURN_IF_ERROR(route->listen());
  RETURN_IF_ERROR(route->connect());
  return route;
}

}  // namespace mayfly
