#pragma once

#include <memory>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/timer.h"
#include "transport/kernel/kernel_transport_options.h"
#include "transport/reactor.h"
#include "transport/transport_options.h"

namespace mayfly {

// What the kernel's associations and listeners share.
struct KernelEnvironment {
  Reactor& reactor;
  const Clock& clock;
  TimerFactory& timers;
  TransportOptions options;
  KernelTransportOptions kernel_options;
  std::shared_ptr<Bytes> read_buffer;  // one for all: a read is over before the next begins
};

}  // namespace mayfly
