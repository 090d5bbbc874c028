#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace mayfly::testing {

// A host of the network that knows nothing of SCTP: keeps silent, or says what makes no sense. Over
// UDP a socket on the loopback interface; for the kernel's SCTP, in the guest, one behind a cable.
class GarbageHost {
 public:
  // By the transport under test.
  [[nodiscard]] static std::unique_ptr<GarbageHost> create();
  virtual ~GarbageHost() = default;

  [[nodiscard]] virtual std::string address() const = 0;
  [[nodiscard]] virtual uint16_t port() const = 0;
  // Of a server that is not there.
  [[nodiscard]] std::string url() const;
  // As sentences name it.
  [[nodiscard]] std::string name() const { return address() + ':' + std::to_string(port()); }

  // To a server on the loopback interface; what it sends is the same every time.
  virtual void send_garbage(uint16_t to, int packets) = 0;
  // Waits for a packet and answers it with garbage; whether one came.
  [[nodiscard]] virtual bool answer_one() = 0;
};

}  // namespace mayfly::testing
