#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/transport_sctp/campaign.h"
#include "tests/transport_sctp/exchange.h"

namespace mayfly::sctp {
namespace {

// How long frames took, against a sender that is told of each loss at the moment the packet would
// have arrived and its acknowledgement come back (BENCHMARK terms: genie ARQ, a recovery round is
// one round trip). Both send over channels with the same statistics; what is compared is the
// distribution over many frames.
struct Cell {
  double loss = 0;
  Duration rtt{};
  Duration burst{};  // mean length of a fade; zero: independent losses
};
void PrintTo(const Cell& cell, std::ostream* out) {
  *out << "loss " << cell.loss << ", rtt " << to_milliseconds(cell.rtt) << " ms, burst "
       << to_milliseconds(cell.burst) << " ms";
}

constexpr size_t kFrames = 2400;
constexpr Duration kFrameInterval{33'333};
constexpr size_t kPieceBytes = 1200;

// 30 frames a second, a large one every 30th, of whole packets: unordered, so that a frame waits
// for its own packets only.
size_t packets_of(size_t frame) { return frame % 30 == 0 ? 30 : frame % 3 == 0 ? 5 : 2; }

LinkModel link_of(const Cell& cell) {
  LinkModel model;
  model.delay = cell.rtt / 2;
  if (cell.burst == Duration::zero()) {
    model.loss = BernoulliLoss{cell.loss};
  } else {
    model.loss = FadingLoss{cell.loss, cell.burst};
  }
  return model;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

int microseconds_of(const std::vector<double>& milliseconds, double q) {
  return static_cast<int>(quantile(milliseconds, q) * 1000);
}

// Milliseconds each frame took in the engine; acknowledgements are lost as well.
std::vector<double> engine_latencies(const Cell& cell, uint64_t seed) {
  Exchange exchange({.data = link_of(cell), .acks = link_of(cell), .seed = seed});
  std::vector<Timestamp> sent;
  uint64_t next = 0;
  std::map<uint64_t, size_t> frame_of;
  for (size_t frame = 0; frame < kFrames; ++frame) {
    sent.push_back(exchange.simulation().now());
    for (size_t i = 0; i < packets_of(frame); ++i) {
      frame_of[next] = frame;
      EXPECT_TRUE(exchange.send(next++, kPieceBytes, {.ordered = false}));
    }
    exchange.run_for(kFrameInterval);
  }
  exchange.run_for(10s);
  EXPECT_EQ(exchange.arrivals().size(), next);
  std::vector<double> latencies(kFrames);
  for (const Exchange::Arrival& arrival : exchange.arrivals()) {
    const size_t frame = frame_of[arrival.number];
    latencies[frame] = std::max(latencies[frame], to_milliseconds(arrival.at - sent[frame]));
  }
  return latencies;
}

// The genie sends a packet again one round trip after each sending that the channel swallowed.
std::vector<double> ideal_latencies(const Cell& cell, uint64_t seed) {
  std::vector<double> latencies;
  std::multimap<Timestamp, size_t> attempts;
  const Timestamp start(1s);
  for (size_t frame = 0; frame < kFrames; ++frame) {
    for (size_t i = 0; i < packets_of(frame); ++i) {
      attempts.emplace(start + frame * kFrameInterval, frame);
    }
  }
  Link link(link_of(cell), seed, start);
  latencies.resize(kFrames);
  while (!attempts.empty()) {
    const auto [at, frame] = *attempts.begin();
    attempts.erase(attempts.begin());
    const Link::Passage passage = link.offer(at, kPieceBytes);
    if (passage.copies == 0) {
      attempts.emplace(at + cell.rtt, frame);
      continue;
    }
    const Timestamp sent = start + frame * kFrameInterval;
    latencies[frame] = std::max(latencies[frame], to_milliseconds(passage.arrival() - sent));
  }
  return latencies;
}

class IdealArq : public ::testing::TestWithParam<Cell> {};

TEST_P(IdealArq, IsMetWithinFivePercentAtTheLastPercentile) {
  const std::vector<uint64_t> seeds = campaign_seeds(11, 3);
  SCOPED_TRACE(::testing::Message() << seeds.size() << " seeds from " << seeds.front());

  std::vector<double> engine;
  std::vector<double> ideal;
  for (const uint64_t seed : seeds) {
    std::ranges::copy(engine_latencies(GetParam(), seed), std::back_inserter(engine));
    std::ranges::copy(ideal_latencies(GetParam(), seed), std::back_inserter(ideal));
  }

  for (const double q : {0.5, 0.9, 0.99}) {
    EXPECT_LE(quantile(engine, q), quantile(ideal, q) * 1.05) << "quantile " << q;
  }
  for (const auto& [name, values] : {std::pair("engine", engine), std::pair("ideal", ideal)}) {
    RecordProperty(std::string("p50_us_") + name, microseconds_of(values, 0.5));
    RecordProperty(std::string("p99_us_") + name, microseconds_of(values, 0.99));
    RecordProperty(std::string("p999_us_") + name, microseconds_of(values, 0.999));
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, IdealArq,
                         ::testing::Values(Cell{0.01, 20ms}, Cell{0.01, 40ms}, Cell{0.01, 100ms},
                                           Cell{0.02, 20ms}, Cell{0.02, 40ms}, Cell{0.02, 100ms},
                                           Cell{0.05, 20ms}, Cell{0.05, 40ms}, Cell{0.05, 100ms},
                                           Cell{0.10, 20ms}, Cell{0.10, 40ms}, Cell{0.10, 100ms},
                                           Cell{0.02, 40ms, 10ms}, Cell{0.05, 40ms, 10ms},
                                           Cell{0.05, 100ms, 30ms}));

}  // namespace
}  // namespace mayfly::sctp
