#pragma once

#include <memory>
#include <vector>

#include "transport/kernel/kernel_association.h"
#include "transport/transport.h"

namespace mayfly {

// Accepts associations on a one-to-one socket of the kernel: each comes with a socket of its own.
class OneToOneListener final : public Listener {
 public:
  // On a socket that has the settings, is bound and listens.
  OneToOneListener(KernelEnvironment environment, SctpSocket socket);
  ~OneToOneListener() override;
  OneToOneListener(const OneToOneListener&) = delete;
  OneToOneListener& operator=(const OneToOneListener&) = delete;

  void set_acceptor(Acceptor acceptor) override;
  [[nodiscard]] std::vector<IpEndpoint> local() const override;

 private:
  void watch();
  void on_readable();

  const KernelEnvironment environment_;
  SctpSocket socket_;
  Acceptor acceptor_;
  std::unique_ptr<Timer> retry_timer_;  // accepts again after the process ran out of descriptors
  std::unique_ptr<Reactor::Watch> watch_;
  std::shared_ptr<bool> alive_;  // the acceptor may destroy this listener
};

// Takes associations on a one-to-many socket of the kernel, which they share. The socket outlives
// the listener while any of them is on it.
class OneToManyListener final : public Listener {
 public:
  // On a socket that has the settings, is bound and listens.
  OneToManyListener(KernelEnvironment environment, SctpSocket socket);
  ~OneToManyListener() override;
  OneToManyListener(const OneToManyListener&) = delete;
  OneToManyListener& operator=(const OneToManyListener&) = delete;

  void set_acceptor(Acceptor acceptor) override;
  [[nodiscard]] std::vector<IpEndpoint> local() const override;

 private:
  const KernelEnvironment environment_;
  const std::shared_ptr<SharedSocket> shared_;
};

}  // namespace mayfly
