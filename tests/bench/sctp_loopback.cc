// Carries messages from one process to another over UDP on the loopback interface, with our SCTP
// engine and with usrsctp in turn, and says what it cost each of the two.
//
//   sctp_loopback [MESSAGE_BYTES [ASSOCIATIONS [SECONDS [ROUNDS]]]]
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/check.h"
#include "tests/bench/bench_hosts.h"

namespace mayfly {
namespace {

struct Plan {
  size_t message_bytes = 1200;
  size_t associations = 1;
  Duration duration = 3s;
  size_t rounds = 5;
};

// What one end tells the other through a pipe, as it is in memory.
template <class T>
void put(int pipe, const T& value) {
  MAYFLY_CHECK(write(pipe, &value, sizeof(value)) == sizeof(value));
}
template <class T>
T get(int pipe) {
  T value{};
  MAYFLY_CHECK(read(pipe, &value, sizeof(value)) == sizeof(value));
  return value;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double cpu_seconds = 0;
  double seconds = 0;  // from the first byte to the last
  uint64_t bytes = 0;
};

TransportOptions bench_options() {
  TransportOptions options;
  options.send_queue_bytes = 1 << 20;
  return options;
}

// Gets messages until all associations have ended.
class ReceivingEnd {
 public:
  explicit ReceivingEnd(BenchStack stack) {
    if (stack == BenchStack::Usrsctp) usrsctp_.emplace(loop_, loop_, loop_);
    host_ = make_bench_host(loop_, stack, usrsctp_ ? &*usrsctp_ : nullptr, bench_options());
    listener_ = *host_.transport->listen({{host_.socket->local()}});
    listener_->set_acceptor([this](std::unique_ptr<Association> association) {
      ends_.push_back({.association = std::move(association),
                       .told = std::make_unique<BenchObserver>(&bytes_)});
      ends_.back().association->set_observer(ends_.back().told.get());
    });
  }
  [[nodiscard]] uint16_t port() const { return host_.socket->local().port; }

  Cost run(size_t associations) {
    MAYFLY_CHECK(loop_.run_until([&] { return bytes_ > 0; }, 30s));
    const Cost before{cpu_seconds(), to_seconds(loop_.now().time_since_epoch()), bytes_};
    const auto is_over = [&] {
      return ends_.size() == associations &&
             std::ranges::all_of(ends_, [](const BenchEnd& end) { return end.told->closed; });
    };
    MAYFLY_CHECK(loop_.run_until(is_over, 120s));
    return {cpu_seconds() - before.cpu_seconds,
            to_seconds(loop_.now().time_since_epoch()) - before.seconds, bytes_ - before.bytes};
  }

 private:
  EventLoop loop_;
  std::optional<UsrsctpStack> usrsctp_;
  BenchHost host_;
  std::unique_ptr<Listener> listener_;
  std::vector<BenchEnd> ends_;
  uint64_t bytes_ = 0;
};

// Keeps the send queues filled for a while, and says goodbye.
double send_for(const Plan& plan, BenchStack stack, uint16_t port) {
  EventLoop loop;
  std::optional<UsrsctpStack> usrsctp;
  if (stack == BenchStack::Usrsctp) usrsctp.emplace(loop, loop, loop);
  const BenchHost host =
      make_bench_host(loop, stack, usrsctp ? &*usrsctp : nullptr, bench_options());
  uint64_t bytes = 0;
  std::vector<BenchEnd> ends;
  for (size_t i = 0; i < plan.associations; ++i) {
    auto association = host.transport->connect({{IpEndpoint::loopback_v4(port)}});
    MAYFLY_CHECK(association.has_value());
    ends.push_back(
        {.association = *std::move(association), .told = std::make_unique<BenchObserver>(&bytes)});
    ends.back().association->set_observer(ends.back().told.get());
    MAYFLY_CHECK(loop.run_until([&] { return ends.back().told->connected; }, 10s));
  }
  const double before = cpu_seconds();
  for (const BenchEnd& end : ends) {
    const auto fill = [&plan, association = end.association.get()] {
      while (association->send({StreamId(1), Ppid(1), Bytes(plan.message_bytes)}, {})) {
      }
    };
    end.told->after_low = fill;
    fill();
  }
  (void)loop.run_until([] { return false; }, plan.duration);
  const double spent = cpu_seconds() - before;
  for (const BenchEnd& end : ends) {
    end.told->after_low = [] {};
    end.association->shutdown();
  }
  MAYFLY_CHECK(loop.run_until(
      [&] {
        return std::ranges::all_of(ends, [](const BenchEnd& each) { return each.told->closed; });
      },
      60s));
  return spent;
}

struct Outcome {
  Cost receiver;
  double sender_cpu_seconds = 0;
};

Outcome carry(const Plan& plan, BenchStack stack) {
  std::array<int, 2> pipe_ends{};
  MAYFLY_CHECK(pipe(pipe_ends.data()) == 0);
  const pid_t receiver = fork();
  MAYFLY_CHECK(receiver >= 0);
  if (receiver == 0) {
    ReceivingEnd end(stack);
    put(pipe_ends[1], end.port());
    put(pipe_ends[1], end.run(plan.associations));
    std::_Exit(0);
  }
  Outcome outcome;
  const auto port = get<uint16_t>(pipe_ends[0]);
  // usrsctp's state stays in its process: the sender gets one of its own.
  std::array<int, 2> sender_pipe{};
  MAYFLY_CHECK(pipe(sender_pipe.data()) == 0);
  const pid_t sender = fork();
  MAYFLY_CHECK(sender >= 0);
  if (sender == 0) {
    put(sender_pipe[1], send_for(plan, stack, port));
    std::_Exit(0);
  }
  outcome.sender_cpu_seconds = get<double>(sender_pipe[0]);
  outcome.receiver = get<Cost>(pipe_ends[0]);
  for (const pid_t child : {receiver, sender}) MAYFLY_CHECK(waitpid(child, nullptr, 0) == child);
  for (const int end : {pipe_ends[0], pipe_ends[1], sender_pipe[0], sender_pipe[1]}) ::close(end);
  return outcome;
}

void report(BenchStack stack, const std::vector<Outcome>& outcomes) {
  const auto median = [&](auto figure) {
    std::vector<double> figures;
    for (const Outcome& each : outcomes) figures.push_back(figure(each));
    std::ranges::sort(figures);
    return figures[figures.size() / 2];
  };
  const auto gigabits = [](const Outcome& each) {
    return static_cast<double>(each.receiver.bytes) * 8 / 1e9;
  };
  fmt::print(
      "{:8}  {:6.2f} Gbit/s  sender {:5.2f} ns/B  receiver {:5.2f} ns/B  "
      "{:6.2f} Gbit per CPU-second of both\n",
      to_string(stack),
      median([&](const Outcome& each) { return gigabits(each) / each.receiver.seconds; }),
      median([&](const Outcome& each) { return each.sender_cpu_seconds * 8 / gigabits(each); }),
      median([&](const Outcome& each) { return each.receiver.cpu_seconds * 8 / gigabits(each); }),
      median([&](const Outcome& each) {
        return gigabits(each) / (each.sender_cpu_seconds + each.receiver.cpu_seconds);
      }));
}

int run(const Plan& plan) {
  std::vector<Outcome> engine;
  std::vector<Outcome> usrsctp;
  for (size_t i = 0; i < plan.rounds; ++i) {
    engine.push_back(carry(plan, BenchStack::Engine));
    usrsctp.push_back(carry(plan, BenchStack::Usrsctp));
  }
  fmt::print("messages of {} bytes, {} associations, {} s, median of {}\n", plan.message_bytes,
             plan.associations, to_seconds(plan.duration), plan.rounds);
  report(BenchStack::Engine, engine);
  report(BenchStack::Usrsctp, usrsctp);
  return 0;
}

}  // namespace
}  // namespace mayfly

int main(int argc, char** argv) {
  mayfly::Plan plan;
  const auto number = [&](int place, size_t otherwise) {
    return argc > place ? std::strtoul(argv[place], nullptr, 10) : otherwise;
  };
  plan.message_bytes = number(1, plan.message_bytes);
  plan.associations = number(2, plan.associations);
  plan.duration = std::chrono::seconds(number(3, 3));
  plan.rounds = number(4, plan.rounds);
  if (plan.message_bytes == 0 || plan.associations == 0 || plan.rounds == 0) {
    fmt::print(stderr,
               "usage: sctp_loopback [MESSAGE_BYTES [ASSOCIATIONS [SECONDS [ROUNDS]]]], numbers "
               "above 0\n");
    return 2;
  }
  return mayfly::run(plan);
}
