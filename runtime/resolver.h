#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/timer.h"
#include "transport/ip_endpoint.h"

namespace mayfly {

// Looks up the addresses of a host. The operating system's resolver blocks, for many seconds where
// a network is broken, so each name gets a thread of its own; plain addresses need none.
class Resolver {
 public:
  // Never empty, the preferred first (RFC 6724). Fails with NotFound when the name has no address.
  using Callback = std::function<void(Result<std::vector<IpEndpoint>>)>;

  // Answers come through `loop`, which must outlive the resolver.
  explicit Resolver(Executor& loop);
  // Nothing is called back after that; lookups under way end by themselves.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `host` is a name or an address without a port: "media.example", "192.0.2.1", "2001:db8::1".
  // `on_resolved` is called once, from the loop, never from inside this call.
  void resolve(const std::string& host, uint16_t port, Callback on_resolved);

 private:
  struct Answers;
  std::shared_ptr<Answers> answers_;
};

}  // namespace mayfly
