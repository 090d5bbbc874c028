#include "emulator/blocked_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

namespace mayfly {

Result<std::unique_ptr<BlockedSignals>> BlockedSignals::create() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD}) {
    sigaddset(&signals, each);
  }
  FileDescriptor descriptor(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!descriptor.is_open()) return failure(from_errno(errno, "signalfd"));
  sigaddset(&signals, SIGPIPE);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &signals, &before);
  return std::unique_ptr<BlockedSignals>(new BlockedSignals(std::move(descriptor), before));
}

BlockedSignals::~BlockedSignals() {
  // What still waits has done its work, or nobody is left whom it concerns.
  while (next()) {
  }
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<BlockedSignals::Arrival> BlockedSignals::next() {
  signalfd_siginfo arrived{};
  if (read(descriptor_.get(), &arrived, sizeof(arrived)) != sizeof(arrived)) return std::nullopt;
  return Arrival{static_cast<int>(arrived.ssi_signo), arrived.ssi_code == SI_KERNEL};
}

}  // namespace mayfly
