#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/event_loop.h"
#include "tests/kernel/network_namespaces.h"
#include "transport/kernel/kernel_transport.h"

namespace mayfly {

// A run of numbered messages over associations of its own, and when each arrived.
class KernelFlow {
 public:
  struct Shape {
    std::string name;
    size_t cable = 0;
    uint32_t messages = 0;  // of each association
    size_t bytes = 0;       // of each message
    SendOptions options;
    // A message is sent only while less than this waits or is under way. 0: in any case.
    size_t most_buffered = 0;
  };
  struct Arrival {
    Duration after{};   // send()
    Duration stalls{};  // of that, how long this machine stood still
  };

  explicit KernelFlow(Shape wanted) : shape(std::move(wanted)) {}

  // All associations together.
  [[nodiscard]] uint64_t sent() const;
  [[nodiscard]] uint64_t abandoned_unsent() const;
  [[nodiscard]] bool is_over() const;

  const Shape shape;
  std::vector<std::unique_ptr<Association>> clients;
  std::vector<uint32_t> next;  // by association
  std::vector<std::map<uint32_t, std::pair<Timestamp, Duration>>> departures;
  std::vector<Arrival> arrivals;
  uint64_t duplicates = 0;
};

// Several flows side by side in one guest, on one loop.
class KernelTraffic : private Association::Observer {
 public:
  explicit KernelTraffic(const TransportOptions& options = {});
  ~KernelTraffic() override;
  KernelTraffic(const KernelTraffic&) = delete;
  KernelTraffic& operator=(const KernelTraffic&) = delete;

  // Connects so many associations; false when they do not come up.
  [[nodiscard]] bool add(KernelFlow& flow, size_t associations);
  // Sends everything, a message of each association every `interval`, until all of it arrived or
  // was given up and nothing is under way any more. False when that takes longer.
  [[nodiscard]] bool run(Duration interval, Duration limit);

 private:
  void on_connected() override {}
  void on_message(Message message) override;
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override {}
  void on_closed(const Error&) override {}

  void send_round(Duration interval);
  void look_at_the_clock();

  TwoHosts& hosts_ = TwoHosts::get();
  EventLoop loop_;
  std::unique_ptr<KernelTransport> transport_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Association>> servers_;
  std::vector<KernelFlow*> flows_;
  std::unique_ptr<Timer> timer_;
  // Rings all the time, so that a guest that stood still on a busy host is told from a late
  // message.
  std::unique_ptr<Timer> clock_timer_;
  Timestamp looked_at_{};
  Duration stalled_{};  // in all
};

}  // namespace mayfly
