#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "netsim/link.h"
#include "netsim/link_model.h"

namespace mayfly {
namespace {

constexpr Timestamp kStart{1s};

Duration any_duration(int64_t low_us, int64_t high_us) {
  return Duration(*rc::gen::inRange<int64_t>(low_us, high_us + 1));
}

// As a person would write it: tenths of a percent.
double any_fraction(int low_permille, int high_permille) {
  return *rc::gen::inRange(low_permille, high_permille + 1) / 10.0 / 100;
}

LossModel any_loss() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0: return BernoulliLoss{any_fraction(0, 1000)};
    case 1:
      return GilbertElliottLoss{.mean = any_fraction(0, 400),
                                .burst_packets = 1 + *rc::gen::inRange(0, 200) / 8.0,
                                .loss_in_bad = any_fraction(800, 1000)};
    case 2: return FadingLoss{.mean = any_fraction(0, 900), .burst = any_duration(100, 1'000'000)};
    default: return PatternLoss{*rc::gen::nonEmpty<std::vector<bool>>()};
  }
}

LinkModel any_link() {
  LinkModel link{.loss = any_loss(),
                 .delay = any_duration(0, 500'000),
                 .jitter = any_duration(0, 50'000),
                 .reorder = *rc::gen::arbitrary<bool>(),
                 .queue = any_duration(0, 1'000'000),
                 .duplicate = any_fraction(0, 1000)};
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      link.capacity = DataRate::bits_per_second(*rc::gen::inRange<int64_t>(1, 1'000'000'000));
      break;
    case 1: {
      CapacityTrace trace;
      Duration time{};
      for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
        trace.opportunities.push_back(time += any_duration(1, 100'000));
      }
      link.capacity = trace;
      break;
    }
    default: break;
  }
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    link.outages.emplace_back(any_duration(0, 60'000'000), any_duration(1, 1'000'000));
  }
  return link;
}

struct Offer {
  Timestamp at;
  size_t bytes;
  Link::Passage passage;
};

// What becomes of a hundred packets at times that never go backwards.
std::vector<Offer> any_run(Link& link) {
  std::vector<Offer> offers;
  Timestamp now = kStart;
  for (int i = 0; i < 100; ++i) {
    if (*rc::gen::arbitrary<bool>()) now += any_duration(0, 20'000);
    const auto bytes = *rc::gen::inRange<size_t>(1, 1500);
    offers.push_back({now, bytes, link.offer(now, bytes)});
  }
  return offers;
}

RC_GTEST_PROP(LinkProperty, IsFirstInFirstOutUnlessReorderingIsAllowed, ()) {
  LinkModel model = any_link();
  model.reorder = false;
  Link link(model, *rc::gen::arbitrary<uint64_t>(), kStart);

  Timestamp latest = kStart;
  for (const Offer& offer : any_run(link)) {
    for (size_t copy = 0; copy < offer.passage.copies; ++copy) {
      RC_ASSERT(offer.passage.arrivals[copy] >= latest);
      latest = offer.passage.arrivals[copy];
    }
  }
}

RC_GTEST_PROP(LinkProperty, DeliversNothingBeforeItsDelay, ()) {
  Link link(any_link(), *rc::gen::arbitrary<uint64_t>(), kStart);

  for (const Offer& offer : any_run(link)) {
    for (size_t copy = 0; copy < offer.passage.copies; ++copy) {
      RC_ASSERT(offer.passage.arrivals[copy] >= offer.at + link.model().delay);
    }
  }
}

RC_GTEST_PROP(LinkProperty, DeliversNothingFasterThanItsRate, ()) {
  LinkModel model = any_link();
  const auto rate = DataRate::bits_per_second(*rc::gen::inRange<int64_t>(1000, 1'000'000'000));
  model.capacity = rate;
  model.duplicate = 0;
  model.jitter = 0ms;
  Link link(model, *rc::gen::arbitrary<uint64_t>(), kStart);

  // Between any two arrivals, no more bytes than the rate carries; a microsecond for rounding.
  std::vector<std::pair<Timestamp, size_t>> arrivals;
  for (const Offer& offer : any_run(link)) {
    if (offer.passage.copies > 0) arrivals.emplace_back(offer.passage.arrival(), offer.bytes);
  }
  for (size_t first = 0; first < arrivals.size(); ++first) {
    size_t bytes = 0;
    for (size_t last = first + 1; last < arrivals.size(); ++last) {
      bytes += arrivals[last].second;
      const Duration passed = arrivals[last].first - arrivals[first].first;
      RC_ASSERT(static_cast<double>(bytes) * 8e6 <= static_cast<double>(rate.bits_per_second()) *
                                                        static_cast<double>(passed.count() + 1));
    }
  }
}

RC_GTEST_PROP(LinkProperty, NeverCarriesMoreThanTheOpportunitiesOfItsTrace, ()) {
  LinkModel model = any_link();
  model.capacity = CapacityTrace{.opportunities = {1ms, 4ms, 4ms, 9ms}};
  model.loss = BernoulliLoss{};
  model.jitter = 0ms;
  model.outages.clear();
  model.duplicate = 0;
  Link link(model, 1, kStart);

  // By any time, at most 1500 bytes for each opportunity until then.
  size_t bytes = 0;
  for (const Offer& offer : any_run(link)) {
    if (offer.passage.copies == 0) continue;
    bytes += offer.bytes;
    const int64_t passed_ms = (offer.passage.arrival() - model.delay - kStart) / 1ms;
    const int64_t rest = passed_ms % 9;
    const int64_t opportunities = passed_ms / 9 * 4 + (rest >= 1 ? 1 : 0) + (rest >= 4 ? 2 : 0);
    RC_ASSERT(bytes <= static_cast<size_t>(opportunities) * 1500);
  }
}

RC_GTEST_PROP(LinkProperty, LosesExactlyItsPattern, (const std::vector<bool>& tail)) {
  std::vector<bool> pattern = tail;
  pattern.push_back(*rc::gen::arbitrary<bool>());
  Link link({.loss = PatternLoss{pattern}, .delay = any_duration(0, 1000)},
            *rc::gen::arbitrary<uint64_t>(), kStart);

  size_t index = 0;
  for (const Offer& offer : any_run(link)) {
    RC_ASSERT((offer.passage.copies == 0) == pattern[index % pattern.size()]);
    ++index;
  }
}

RC_GTEST_PROP(LinkProperty, CountsEveryPacketInOneState, ()) {
  Link link(any_link(), *rc::gen::arbitrary<uint64_t>(), kStart);

  const auto offers = any_run(link);

  const LinkStats& stats = link.stats();
  RC_ASSERT(stats.offered == offers.size());
  RC_ASSERT(stats.offered == stats.lost + stats.dropped_by_queue + stats.delivered);
}

RC_GTEST_PROP(PathModelProperty, ParsesBackFromItsText, ()) {
  PathModel path{.up = any_link(), .seed = *rc::gen::arbitrary<uint64_t>()};
  path.down = *rc::gen::arbitrary<bool>() ? path.up : any_link();

  const std::string text = to_text(path);
  const auto parsed = parse_path_model(text);

  RC_LOG() << text << "\n";
  if (!parsed) RC_LOG() << parsed.error().message << "\n";
  RC_ASSERT(parsed.has_value());
  RC_ASSERT((*parsed == path));
}

// Made of the pieces that specs are made of, so that it gets past the first key.
RC_GTEST_PROP(PathModelProperty, SurvivesAnyTextAndMeansWhatItTakes, ()) {
  const auto noise = *rc::gen::arbitrary<std::string>();
  const auto key = rc::gen::element<std::string>("loss", "burst", "up.delay", "down.loss", "rate",
                                                 "trace", "outage", "reorder", "seed", noise);
  const auto value = rc::gen::element<std::string>("1%", "5", "20ms", "1Mbit/s", "1ms+20ms", "on",
                                                   "1s+1ms/2s+2ms", noise);
  std::string spec;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
    spec += (spec.empty() ? "" : ",") + *key + "=" + *value;
  }

  const auto parsed = parse_path_model(spec);

  RC_TAG(parsed.has_value());
  if (parsed) RC_ASSERT((parse_path_model(to_text(*parsed)) == parsed));
}

}  // namespace
}  // namespace mayfly
