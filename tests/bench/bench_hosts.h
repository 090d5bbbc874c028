#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/udp_socket.h"
#include "transport/transport.h"
#include "transport/transport_options.h"
#include "transport/usrsctp/usrsctp_stack.h"

namespace mayfly {

// The stacks that run over the very same UDP sockets.
enum class BenchStack : uint8_t { Engine, Usrsctp };
[[nodiscard]] const char* to_string(BenchStack stack);

// A stack on a UDP socket of the loopback interface. usrsctp's state is the process's, so two hosts
// of one process share a `UsrsctpStack`.
struct BenchHost {
  std::unique_ptr<UdpSocket> socket;
  std::unique_ptr<Transport> transport;
};
[[nodiscard]] BenchHost make_bench_host(EventLoop& loop, BenchStack stack, UsrsctpStack* usrsctp,
                                        const TransportOptions& options,
                                        const UdpSocketOptions& socket_options = {});

// Counts what comes, into a sum that many may share.
class BenchObserver final : public Association::Observer {
 public:
  explicit BenchObserver(uint64_t* bytes) : bytes_(bytes) {}

  void on_connected() override { connected = true; }
  void on_message(Message message) override { *bytes_ += message.payload.size(); }
  void on_message_abandoned(MessageId, Abandonment) override {}
  void on_send_buffer_low() override { after_low(); }
  void on_closed(const Error&) override { closed = true; }

  std::function<void()> after_low = [] {};
  bool connected = false;
  bool closed = false;

 private:
  uint64_t* bytes_;
};

// One side of an association.
struct BenchEnd {
  std::unique_ptr<Association> association;
  std::unique_ptr<BenchObserver> told;
};

// Both ends of many associations on one loop.
class BenchPair {
 public:
  BenchPair(BenchStack stack, const TransportOptions& options);

  [[nodiscard]] size_t associations() const { return clients_.size(); }
  // So many associations more. Whether they came up.
  [[nodiscard]] bool connect(size_t associations);
  // `bytes` in all, in messages of `message_bytes`, each client its share. Whether all arrived.
  [[nodiscard]] bool carry(size_t bytes, size_t message_bytes);
  void run_for(Duration duration) {
    (void)loop_.run_until([] { return false; }, duration);
  }
  // All associations end.
  [[nodiscard]] bool close();

 private:
  EventLoop loop_;
  std::optional<UsrsctpStack> usrsctp_;
  BenchHost server_;
  BenchHost client_;
  std::unique_ptr<Listener> listener_;
  std::vector<BenchEnd> clients_;
  std::vector<BenchEnd> servers_;
  uint64_t received_ = 0;
  uint64_t received_by_clients_ = 0;
};

}  // namespace mayfly
