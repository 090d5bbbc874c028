#pragma once

#include <memory>

#include "runtime/event_loop.h"
#include "tests/kernel/recording_observer.h"
#include "transport/kernel/kernel_transport.h"

namespace mayfly {

// A client and a server on one event loop over the kernel's SCTP, and what both were told.
class KernelPair {
 public:
  using Place = std::function<void(const std::function<void()>&)>;

  explicit KernelPair(const TransportOptions& options = {},
                      const KernelTransportOptions& kernel_options = {});
  // With other settings at the client.
  KernelPair(const TransportOptions& options, const KernelTransportOptions& server_options,
             const KernelTransportOptions& client_options);

  // Listens and connects; the sockets are opened by way of `at_server` and `at_client`. Whether the
  // association came up within ten seconds, or before `give_up` held.
  [[nodiscard]] bool connect(
      const TransportAddress& listen_at, const TransportAddress& connect_to, const Place& at_server,
      const Place& at_client, const std::function<bool()>& give_up = [] { return false; });
  // Over the loopback interface.
  [[nodiscard]] bool connect();
  [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit = 10s) {
    return loop.run_until(done, limit);
  }
  void run_for(Duration duration) {
    static_cast<void>(loop.run_until([] { return false; }, duration));
  }

  EventLoop loop;
  std::unique_ptr<KernelTransport> transport;  // the server's
  std::unique_ptr<KernelTransport> client_transport;
  std::unique_ptr<Listener> listener;
  RecordingObserver client_told, server_told;
  std::unique_ptr<Association> client, server;
};

// `bytes` bytes that tell where they are and, by `seed`, of which message.
[[nodiscard]] Bytes patterned(size_t bytes, uint32_t seed);
[[nodiscard]] Message message_of(uint16_t stream, Bytes payload);

}  // namespace mayfly
