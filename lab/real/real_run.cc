#include "lab/real/real_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "lab/real/real_route.h"
#include "lab/real/real_sctp.h"
#include "lab/sctp_playout.h"
#include "transport/kernel/kernel_transport.h"

namespace mayfly {
namespace {

std::string tcp_control_of(const Row& row) {
  return row.kind == Row::Kind::TcpBbr ? "bbr" : "cubic";
}

// What has no session of mayfly's: sends by schedule, and waits for what comes.
class RoutePlayout {
 public:
  RoutePlayout(const RouteStage& stage, DeliveryLog& log, std::function<void()> begun)
      : stage_(stage), log_(log), begun_(std::move(begun)) {}

  [[nodiscard]] Result<void> open(const Row& row) {
    auto on_frame = [this](size_t frame, Timestamp at) { take(frame, at); };
    if (row.kind == Row::Kind::Udp) {
      ASSIGN_OR_RETURN(route_, make_udp_route(stage_, std::move(on_frame)));
    } else if (row.kind == Row::Kind::Srt) {
      ASSIGN_OR_RETURN(route_, make_srt_route(stage_, std::move(on_frame)));
    } else {
      ASSIGN_OR_RETURN(route_, make_tcp_route(stage_, tcp_control_of(row), std::move(on_frame)));
    }
    return {};
  }

  [[nodiscard]] Result<void> play() {
    const auto broken = [this] { return !route_->problem().empty(); };
    std::ignore =
        stage_.loop.run_until([&] { return route_->is_connected() || broken(); }, kLongestStart);
    if (route_->is_connected() && !broken()) {
      start_ = stage_.loop.now();
      begun_();
      timer_ = stage_.loop.create([this] { send_what_is_due(); });
      timer_->start(Duration::zero());
      const Duration limit = stage_.clip.due(stage_.clip.size() - 1) + stage_.cell.playout_delay +
                             route_->afterwards();
      std::ignore =
          stage_.loop.run_until([&] { return whole_ == stage_.clip.size() || broken(); }, limit);
      timer_.reset();
      route_->complete(log_);
    } else if (!broken()) {
      return failure(ErrorCode::Timeout, "the playout never began");
    }
    if (broken()) log_.ended = route_->problem();
    return {};
  }

 private:
  void send_what_is_due() {
    const std::vector<Duration>& schedule = route_->schedule();
    while (next_ < schedule.size() && start_ + schedule[next_] <= stage_.loop.now()) {
      route_->send(next_++);
    }
    if (next_ == schedule.size()) return;
    timer_->start(std::max(start_ + schedule[next_] - stage_.loop.now(), Duration::zero()));
  }
  void take(size_t frame, Timestamp at) {
    if (!log_.frames[frame].completed) ++whole_;
    log_.frames[frame].completed = at - start_;
  }

  const RouteStage stage_;
  DeliveryLog& log_;
  const std::function<void()> begun_;
  Timestamp start_{};
  size_t next_ = 0;   // piece to send
  size_t whole_ = 0;  // frames
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<RealRoute> route_;
};

}  // namespace

Result<DeliveryLog> run_real(const ClipTrace& clip, const Cell& cell, const Row& row,
                             uint64_t seed) {
  EventLoop loop;
  ASSIGN_OR_RETURN(const std::unique_ptr<RealNetwork> network,
                   RealNetwork::make(loop, cell.one_way()));
  DeliveryLog log;
  log.frames.resize(clip.size());
  const auto begin = [&] {
    network->begin(
        forward_link(cell, clip.media_rate(), seed, clip.length() + cell.playout_delay, loop.now()),
        log);
  };
  const RouteStage stage{loop, *network, clip, cell};
  if (row.is_sctp()) {
    RETURN_IF_ERROR(play_real_sctp(stage, sctp_settings_of(row, cell), begin, log));
  } else {
    RoutePlayout playout(stage, log, begin);
    RETURN_IF_ERROR(playout.open(row));
    RETURN_IF_ERROR(playout.play());
  }
  log.most_behind = network->most_behind();
  return log;
}

std::string obstacle_to(const Row& row) {
  EventLoop loop;
  const auto network = RealNetwork::make(loop, Duration::zero());
  if (!network) return network.error().message;
  Result<void> can;
  if (row.kind == Row::Kind::TcpCubic || row.kind == Row::Kind::TcpBbr) {
    can = tcp_has(tcp_control_of(row));
  } else if (row.kind == Row::Kind::SctpKernel) {
    can = KernelTransport::available();
  }
  return can ? "" : can.error().message;
}

Cell self_check_cell(const ClipTrace& clip) {
  const auto least = DataRate::bits_per_second(10'000'000);
  const auto ample = DataRate::bits_per_second(4 * clip.media_rate().bits_per_second());
  return {.id = "check",
          .name = "self-check",
          .purpose = "whether this machine keeps up with real time",
          .rtt = 40ms,
          .capacity = std::max(least, ample),
          // Bare UDP spreads a frame over the time of a picture.
          .playout_delay = 200ms + clip.interval()};
}

}  // namespace mayfly
