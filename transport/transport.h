#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "transport/association.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// Accepts associations until it is destroyed. Destroying it does not touch what it accepted.
class Listener {
 public:
  using Acceptor = std::function<void(std::unique_ptr<Association>)>;

  virtual ~Listener() = default;
  // The acceptor is called from the loop with each association once it is established, and must
  // give it an observer (on_connected() follows) or destroy it.
  virtual void set_acceptor(Acceptor acceptor) = 0;
  [[nodiscard]] virtual std::vector<IpEndpoint> local() const = 0;
};

// Where to connect or listen: one or more addresses of one host (RFC 9260 1.3 multi-homing). Only
// the kernel's stack uses more than the first.
struct TransportAddress {
  std::vector<IpEndpoint> endpoints;  // never empty; all with the same port
};

// A stack that makes associations: the one thing callers choose between kernel and usrsctp by.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  // Fails with Io when an address is taken or not of this host; the sentence says which.
  [[nodiscard]] virtual Result<std::unique_ptr<Listener>> listen(const TransportAddress& at) = 0;
  // Returns at once; on_connected() or on_closed() follows.
  [[nodiscard]] virtual Result<std::unique_ptr<Association>> connect(
      const TransportAddress& to) = 0;
};

}  // namespace mayfly
