#include "tests/kernel/kernel_traffic.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/bytes.h"
#include "core/check.h"

namespace mayfly {
namespace {

constexpr uint16_t kPort = 9899;
constexpr Duration kClockInterval = 2ms;

}  // namespace

uint64_t KernelFlow::sent() const {
  uint64_t sum = 0;
  for (const uint32_t each : next) sum += each;
  return sum;
}

uint64_t KernelFlow::abandoned_unsent() const {
  uint64_t sum = 0;
  for (const auto& client : clients) {
    for (const auto& [stream, counters] : client->stats().streams) sum += counters.abandoned_unsent;
  }
  return sum;
}

bool KernelFlow::is_over() const {
  for (size_t i = 0; i < clients.size(); ++i) {
    if (next[i] < shape.messages || clients[i]->buffered_bytes() > 0) return false;
  }
  return true;
}

KernelTraffic::KernelTraffic(const TransportOptions& options)
    : transport_(*KernelTransport::create(loop_, loop_, loop_, options)) {
  hosts_.impair(0, {});
  hosts_.impair(1, {});
  for (const size_t cable : {size_t{0}, size_t{1}}) {
    hosts_.on_server([&] {
      auto listener = transport_->listen({{TwoHosts::server_address(cable, kPort)}});
      MAYFLY_CHECK(listener.has_value());
      listeners_.push_back(std::move(*listener));
    });
    listeners_.back()->set_acceptor([this](std::unique_ptr<Association> accepted) {
      servers_.push_back(std::move(accepted));
      servers_.back()->set_observer(this);
    });
  }
}

KernelTraffic::~KernelTraffic() {
  for (KernelFlow* flow : flows_) flow->clients.clear();
}

bool KernelTraffic::add(KernelFlow& flow, size_t associations) {
  const size_t wanted = servers_.size() + associations;
  for (size_t i = 0; i < associations; ++i) {
    hosts_.on_client([&] {
      auto client = transport_->connect({{TwoHosts::server_address(flow.shape.cable, kPort)}});
      EXPECT_TRUE(client.has_value());
      if (client) flow.clients.push_back(std::move(*client));
    });
    if (flow.clients.size() <= i) return false;
    flow.clients.back()->set_observer(this);
  }
  flow.next.resize(associations);
  flow.departures.resize(associations);
  flows_.push_back(&flow);
  return loop_.run_until([&] { return servers_.size() == wanted; }, 10s);
}

void KernelTraffic::on_message(Message message) {
  ByteReader reader(message.payload);
  KernelFlow& flow = *flows_.at(reader.u32());
  auto& departures = flow.departures.at(reader.u32());
  const auto departure = departures.find(reader.u32());
  if (departure == departures.end()) {
    ++flow.duplicates;
    return;
  }
  look_at_the_clock();
  flow.arrivals.push_back(
      {loop_.now() - departure->second.first, stalled_ - departure->second.second});
  departures.erase(departure);
}

void KernelTraffic::send_round(Duration interval) {
  look_at_the_clock();
  for (size_t f = 0; f < flows_.size(); ++f) {
    KernelFlow& flow = *flows_[f];
    for (size_t i = 0; i < flow.clients.size(); ++i) {
      if (flow.next[i] == flow.shape.messages) continue;
      const size_t most = flow.shape.most_buffered;
      if (most > 0 && flow.clients[i]->buffered_bytes() >= most) continue;
      Bytes payload;
      ByteWriter writer(payload);
      writer.u32(static_cast<uint32_t>(f));
      writer.u32(static_cast<uint32_t>(i));
      writer.u32(flow.next[i]);
      payload.resize(flow.shape.bytes);
      flow.departures[i][flow.next[i]] = {loop_.now(), stalled_};
      EXPECT_TRUE(
          flow.clients[i]->send({StreamId(1), Ppid(7), std::move(payload)}, flow.shape.options));
      ++flow.next[i];
    }
  }
  timer_->start(interval);
}

void KernelTraffic::look_at_the_clock() {
  const Duration since = loop_.now() - looked_at_;
  if (since > 2 * kClockInterval) stalled_ += since;
  looked_at_ = loop_.now();
}

bool KernelTraffic::run(Duration interval, Duration limit) {
  timer_ = loop_.create([this, interval] { send_round(interval); });
  clock_timer_ = loop_.create([this] {
    look_at_the_clock();
    clock_timer_->start(kClockInterval);
  });
  looked_at_ = loop_.now();
  clock_timer_->start(kClockInterval);
  send_round(interval);
  const auto over = [this] {
    return std::all_of(flows_.begin(), flows_.end(),
                       [](const KernelFlow* flow) { return flow->is_over(); });
  };
  const bool done = loop_.run_until(over, limit);
  // What is acknowledged was delivered; the last may still wait to be read.
  static_cast<void>(loop_.run_until([] { return false; }, 200ms));
  timer_->stop();
  clock_timer_->stop();
  return done;
}

}  // namespace mayfly
