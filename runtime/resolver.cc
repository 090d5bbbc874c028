#include "runtime/resolver.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "transport/socket_address.h"

namespace mayfly {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* found) const { ::freeaddrinfo(found); }
};

Result<std::vector<IpEndpoint>> look_up(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* raw = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw); error != 0) {
    return failure(ErrorCode::NotFound,
                   fmt::format("\"{}\" has no address: {}; check the name, or give the address",
                               host, ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, FreeAddresses> found(raw);
  std::vector<IpEndpoint> endpoints;
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, each->ai_addr, std::min<size_t>(each->ai_addrlen, sizeof(storage)));
    auto endpoint = ip_endpoint(storage);
    if (!endpoint) continue;
    endpoint->port = port;
    if (std::find(endpoints.begin(), endpoints.end(), *endpoint) == endpoints.end()) {
      endpoints.push_back(*endpoint);
    }
  }
  if (endpoints.empty()) {
    return failure(ErrorCode::NotFound, fmt::format("\"{}\" has no IP address", host));
  }
  return endpoints;
}

}  // namespace

// Outlives the resolver in the threads that are still looking.
struct Resolver::Answers {
  using Outcome = Result<std::vector<IpEndpoint>>;

  // The loop's thread only, so that what callbacks hold lives and dies there.
  std::map<uint64_t, Callback> waiting;
  uint64_t next = 0;

  std::mutex mutex;
  Executor* loop = nullptr;  // none once the resolver is destroyed; under the mutex

  // Any thread. The lock is held while posting, so that the loop cannot go away in between.
  static void post(const std::shared_ptr<Answers>& answers, uint64_t id, Outcome outcome) {
    const std::lock_guard lock(answers->mutex);
    if (answers->loop == nullptr) return;
    answers->loop->post([answers, id, result = std::move(outcome)]() mutable {
      auto node = answers->waiting.extract(id);
      if (node) node.mapped()(std::move(result));
    });
  }
};

Resolver::Resolver(Executor& loop) : answers_(std::make_shared<Answers>()) {
  answers_->loop = &loop;
}

Resolver::~Resolver() {
  answers_->waiting.clear();
  const std::lock_guard lock(answers_->mutex);
  answers_->loop = nullptr;
}

void Resolver::resolve(const std::string& host, uint16_t port, Callback on_resolved) {
  const uint64_t id = answers_->next++;
  answers_->waiting.emplace(id, std::move(on_resolved));
  if (const auto address = IpEndpoint::parse(host, port)) {
    IpEndpoint endpoint = *address;
    endpoint.port = port;
    Answers::post(answers_, id, std::vector{endpoint});
    return;
  }
  try {
    std::thread([answers = answers_, id, host, port] {
      Answers::post(answers, id, look_up(host, port));
    }).detach();
  } catch (const std::system_error& error) {
    Answers::post(answers_, id,
                  failure(ErrorCode::Exhausted,
                          fmt::format("cannot look up \"{}\": {}", host, error.what())));
  }
}

}  // namespace mayfly
