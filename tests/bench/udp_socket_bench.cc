#include <benchmark/benchmark.h>

#include <memory>

#include "core/clock.h"
#include "runtime/udp_socket.h"

namespace mayfly {
namespace {

constexpr size_t kPacketBytes = 1200;
constexpr size_t kBurst = 128;  // packets of a round; well inside any receive buffer

// Two sockets on loopback, and what of a burst has come out so far.
class Loopback {
 public:
  explicit Loopback(bool segmentation_offload) {
    const UdpSocketOptions options{.segmentation_offload = segmentation_offload};
    auto sender = UdpSocket::bind(loop_, IpEndpoint::loopback_v4(0), options);
    auto receiver = UdpSocket::bind(loop_, IpEndpoint::loopback_v4(0), options);
    if (!sender || !receiver) return;
    sender_ = *std::move(sender);
    receiver_ = *std::move(receiver);
    receiver_->set_receiver([this](const IpEndpoint&, ByteView) { ++received_; });
  }

  [[nodiscard]] bool is_open() const { return sender_ && receiver_; }
  // Whether every packet came out.
  [[nodiscard]] bool send_burst() {
    received_ = 0;
    for (size_t i = 0; i < kBurst; ++i) sender_->send(receiver_->local(), packet_);
    return loop_.run_until([this] { return received_ == kBurst; }, 10s);
  }

 private:
  EventLoop loop_;
  Bytes packet_ = Bytes(kPacketBytes);
  std::unique_ptr<UdpSocket> sender_;
  std::unique_ptr<UdpSocket> receiver_;
  size_t received_ = 0;
};

void carry_packets(benchmark::State& state) {
  Loopback loopback(state.range(0) != 0);
  if (!loopback.is_open()) {
    state.SkipWithError("no UDP on loopback");
    return;
  }
  for (auto _ : state) {
    if (!loopback.send_burst()) {
      state.SkipWithError("packets were lost on loopback");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBurst));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kBurst * kPacketBytes));
}
BENCHMARK(carry_packets)->ArgName("offload")->Arg(0)->Arg(1)->UseRealTime();

// Both ways in turn, so that whatever else the machine does meets both alike: how many times more
// packets pass in the same time with UDP_SEGMENT and UDP_GRO.
void gain_of_segmentation_offload(benchmark::State& state) {
  Loopback plain(false);
  Loopback offloaded(true);
  if (!plain.is_open() || !offloaded.is_open()) {
    state.SkipWithError("no UDP on loopback");
    return;
  }
  const SteadyClock clock;
  Duration plain_time{};
  Duration offloaded_time{};
  for (auto _ : state) {
    const Timestamp start = clock.now();
    const bool plain_whole = plain.send_burst();
    const Timestamp middle = clock.now();
    const bool offloaded_whole = offloaded.send_burst();
    if (!plain_whole || !offloaded_whole) {
      state.SkipWithError("packets were lost on loopback");
      return;
    }
    plain_time += middle - start;
    offloaded_time += clock.now() - middle;
  }
  state.counters["gain"] = to_seconds(plain_time) / to_seconds(offloaded_time);
}
BENCHMARK(gain_of_segmentation_offload)->UseRealTime();

}  // namespace
}  // namespace mayfly
