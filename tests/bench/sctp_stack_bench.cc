#include <benchmark/benchmark.h>
#include <malloc.h>

#include "tests/bench/bench_hosts.h"

// Our SCTP engine beside usrsctp, both over the same UDP sockets on the loopback interface. Both
// ends are on one loop, so the CPU time is that of sender and receiver together.
namespace mayfly {
namespace {

constexpr size_t kBytesPerRound = 4 << 20;

std::unique_ptr<BenchPair> connected(benchmark::State& state, BenchStack stack,
                                     size_t associations) {
  auto pair = std::make_unique<BenchPair>(stack, TransportOptions{});
  // In groups: a listener takes only so many INITs at once.
  while (pair->associations() < associations) {
    if (pair->connect(std::min<size_t>(associations - pair->associations(), 100))) continue;
    state.SkipWithError("the associations do not come up");
    return nullptr;
  }
  return pair;
}

void carry_messages(benchmark::State& state, BenchStack stack) {
  const auto message_bytes = static_cast<size_t>(state.range(0));
  const auto associations = static_cast<size_t>(state.range(1));
  auto pair = connected(state, stack, associations);
  if (!pair) return;
  const size_t bytes = std::max(kBytesPerRound, associations * message_bytes);
  const size_t carried = bytes / message_bytes / associations * associations * message_bytes;
  for (auto _ : state) {
    if (!pair->carry(bytes, message_bytes)) {
      state.SkipWithError("a message was refused or did not arrive");
      return;
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(carried));
}

// The sizes of messages, and how many associations share the bytes.
void sizes_and_associations(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"bytes", "associations"});
  for (const int64_t associations : {1, 10, 100, 1000}) {
    for (const int64_t bytes : {1200, 16 << 10}) bench->Args({bytes, associations});
  }
  bench->MeasureProcessCPUTime()->UseRealTime();
}
BENCHMARK_CAPTURE(carry_messages, engine, BenchStack::Engine)->Apply(sizes_and_associations);
BENCHMARK_CAPTURE(carry_messages, usrsctp, BenchStack::Usrsctp)->Apply(sizes_and_associations);

// A hundred associations, from the INIT until both ends are told. The rounds are few, because the
// server admits only so many INITs a second of usrsctp's.
void set_up(benchmark::State& state, BenchStack stack) {
  constexpr size_t kAssociations = 100;
  BenchPair pair(stack, {});
  for (auto _ : state) {
    const bool is_up = pair.connect(kAssociations);
    state.PauseTiming();
    const bool is_over = pair.close();
    state.ResumeTiming();
    if (!is_up || !is_over) {
      state.SkipWithError("the associations do not come up, or do not end");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kAssociations));
}
BENCHMARK_CAPTURE(set_up, engine, BenchStack::Engine)
    ->Iterations(4)
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK_CAPTURE(set_up, usrsctp, BenchStack::Usrsctp)
    ->Iterations(4)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// Heap that one end of an association holds that does nothing, by mallinfo2(3); 0 where the
// allocator does not count, as under a sanitizer.
void idle_association(benchmark::State& state, BenchStack stack) {
  const auto associations = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    BenchPair pair(stack, {});
    if (!pair.connect(1) || !pair.close()) {
      state.SkipWithError("no association comes up");
      return;
    }
    const size_t before = mallinfo2().uordblks;
    while (pair.associations() < associations) {
      if (!pair.connect(100)) {
        state.SkipWithError("the associations do not come up");
        return;
      }
    }
    pair.run_for(1s);  // heartbeats are answered, and nothing is under way
    const size_t after = mallinfo2().uordblks;
    state.counters["bytes_per_end"] = static_cast<double>(after - std::min(after, before)) /
                                      static_cast<double>(2 * associations);
  }
}
BENCHMARK_CAPTURE(idle_association, engine, BenchStack::Engine)->Arg(400)->Iterations(1);
BENCHMARK_CAPTURE(idle_association, usrsctp, BenchStack::Usrsctp)->Arg(400)->Iterations(1);

}  // namespace
}  // namespace mayfly
