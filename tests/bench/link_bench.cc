#include <benchmark/benchmark.h>

#include "netsim/link.h"
#include "netsim/link_model.h"

namespace mayfly {
namespace {

// What a simulated link costs per packet: the share of a virtual-time run that is not the stack's.
void offer_packets(benchmark::State& state, const char* spec) {
  const auto path = parse_path_model(spec);
  if (!path) {
    state.SkipWithError(path.error().message.c_str());
    return;
  }
  Timestamp now{1s};
  Link link = up_link(*path, now);
  for (auto _ : state) {
    benchmark::DoNotOptimize(link.offer(now, 1200));
    now += 400us;
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(offer_packets, perfect, "");
BENCHMARK_CAPTURE(offer_packets, bernoulli, "loss=5%,delay=50ms");
BENCHMARK_CAPTURE(offer_packets, gilbert_elliott, "loss=5%,burst=5,delay=50ms");
BENCHMARK_CAPTURE(offer_packets, fading, "loss=5%,burst=20ms,delay=50ms");
BENCHMARK_CAPTURE(offer_packets, overloaded_rate, "rate=16Mbit/s,queue=300ms");
BENCHMARK_CAPTURE(offer_packets, overloaded_trace, "trace=1ms+1ms+5ms+9ms,queue=300ms");
BENCHMARK_CAPTURE(offer_packets, everything,
                  "loss=5%,delay=50ms,jitter=10ms,reorder=on,rate=40Mbit/s,duplicate=1%");

}  // namespace
}  // namespace mayfly
