#pragma once

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "netsim/link.h"
#include "netsim/simulation.h"
#include "transport/sctp/rx/receiver.h"
#include "transport/sctp/tx/sender.h"

namespace mayfly::sctp {

// A window that stays as it is.
class FixedWindow final : public CongestionControl {
 public:
  explicit FixedWindow(size_t bytes) : bytes_(bytes) {}
  [[nodiscard]] std::string name() const override { return "fixed"; }
  void on_ack(const Ack&) override {}
  void remember() override {}
  void on_loss(Timestamp) override {}
  void on_timeout(Timestamp) override {}
  void on_spurious_loss() override {}
  void on_idle() override {}
  [[nodiscard]] size_t window() const override { return bytes_; }
  [[nodiscard]] bool in_slow_start() const override { return false; }

 private:
  size_t bytes_;
};

[[nodiscard]] inline MakeCongestionControl fixed_window(size_t packets) {
  return [packets](const WindowOptions& window) {
    return std::make_unique<FixedWindow>(packets * window.mtu_bytes);
  };
}
// One that never binds: what is left is loss recovery alone.
[[nodiscard]] inline MakeCongestionControl boundless_window() {
  return [](const WindowOptions&) { return std::make_unique<FixedWindow>(size_t{1} << 50); };
}

// A sender and a receiver of one direction, joined by two links in virtual time, without the
// handshake around them. Chunks travel as bytes.
class Exchange {
 public:
  struct Setup {
    LinkModel data{};
    LinkModel acks{};
    uint64_t seed = 1;
    SenderOptions sender{.congestion = boundless_window()};
    ReceiverOptions receiver{};
    bool forward_tsn = true;
    bool interleaving = false;
    Tsn initial{0xfffffff0};  // wraps soon
  };

  explicit Exchange(const Setup& setup);

  // A message that carries `number` and bytes that follow from it.
  [[nodiscard]] Result<void> send(uint64_t number, size_t bytes, SendOptions options = {},
                                  StreamId stream = StreamId(1));
  void run_for(Duration duration) { simulation_.run_for(duration); }
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit) {
    return simulation_.run_until(done, limit);
  }
  void set_links(const LinkModel& data, const LinkModel& acks);

  struct Arrival {
    uint64_t number = 0;
    StreamId stream;
    Timestamp at{};
    bool intact = false;
    size_t bytes = 0;
  };
  [[nodiscard]] const std::vector<Arrival>& arrivals() const { return arrivals_; }
  [[nodiscard]] const std::vector<MessageFate>& fates() const { return fates_; }
  [[nodiscard]] Simulation& simulation() { return simulation_; }
  [[nodiscard]] Sender& sender() { return sender_; }
  [[nodiscard]] Receiver& receiver() { return receiver_; }
  [[nodiscard]] uint64_t packets() const { return packets_; }
  // Told of each chunk that goes out.
  std::function<void(const ChunkToSend&)> on_chunk = [](const ChunkToSend&) {};
  // Whether messages are fetched as they arrive.
  bool fetches = true;

 private:
  void pump();
  void transmit();
  [[nodiscard]] bool fill(Bytes& packet);
  void arrive(const Bytes& packet);
  void take_chunk(const ChunkView& chunk);
  void fetch();
  void send_sack();
  void post(Link& link, size_t bytes, const std::function<void()>& arrival);

  Setup setup_;
  Simulation simulation_;
  Link data_;
  Link acks_;
  Sender sender_;
  Receiver receiver_;
  std::unique_ptr<Timer> timer_;
  std::vector<Arrival> arrivals_;
  std::vector<MessageFate> fates_;
  uint64_t packets_ = 0;
};

}  // namespace mayfly::sctp
