#include "transport/kernel/kernel_listener.h"

#include <utility>

namespace mayfly {
namespace {

constexpr Duration kRetryInterval = 100ms;
constexpr int kAcceptsPerRound = 32;

}  // namespace

OneToOneListener::OneToOneListener(KernelEnvironment environment, SctpSocket socket)
    : environment_(std::move(environment)),
      socket_(std::move(socket)),
      retry_timer_(environment_.timers.create([this] { watch(); })),
      alive_(std::make_shared<bool>(true)) {}

OneToOneListener::~OneToOneListener() {
  *alive_ = false;
  watch_.reset();
}

void OneToOneListener::set_acceptor(Acceptor acceptor) {
  acceptor_ = std::move(acceptor);
  retry_timer_->stop();
  watch_.reset();
  if (acceptor_) watch();
}

std::vector<IpEndpoint> OneToOneListener::local() const { return socket_.local_addresses(); }

void OneToOneListener::watch() {
  watch_ = environment_.reactor.watch(
      socket_.descriptor(), [this] { on_readable(); }, [] {});
}

void OneToOneListener::on_readable() {
  const std::shared_ptr<bool> alive = alive_;
  for (int accepted = 0; *alive && acceptor_ && accepted < kAcceptsPerRound; ++accepted) {
    auto socket = socket_.accept();
    if (!socket) {
      // Out of descriptors: the associations wait in the kernel, which would tell of them without
      // end.
      watch_.reset();
      retry_timer_->start(kRetryInterval);
      return;
    }
    if (!*socket) return;
    // A copy, for the acceptor may replace itself.
    const Acceptor acceptor = acceptor_;
    acceptor(KernelAssociation::accept(environment_, std::move(**socket)));
  }
}

OneToManyListener::OneToManyListener(KernelEnvironment environment, SctpSocket socket)
    : environment_(std::move(environment)),
      shared_(std::make_shared<SharedSocket>(environment_, std::move(socket))) {}

OneToManyListener::~OneToManyListener() { shared_->stop_listening(); }

void OneToManyListener::set_acceptor(Acceptor acceptor) {
  if (!acceptor) {
    shared_->set_on_newcomer(nullptr);
    return;
  }
  // By value: the acceptor may destroy this listener.
  shared_->set_on_newcomer([environment = environment_, acceptor = std::move(acceptor),
                            shared = std::weak_ptr(shared_)](AssociationId id) {
    acceptor(KernelAssociation::accept(environment, shared.lock(), id));
  });
}

std::vector<IpEndpoint> OneToManyListener::local() const {
  return shared_->socket()->local_addresses();
}

}  // namespace mayfly
