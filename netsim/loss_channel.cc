#include "netsim/loss_channel.h"

namespace mayfly {
namespace {

constexpr uint64_t kLossPurpose = 1;

}  // namespace

LossChannel::LossChannel(const LossModel& model, uint64_t seed)
    : model_(model), keyed_(derived_seed(seed, 1)), sequence_(derived_seed(seed, 2)) {}

bool LossChannel::loses(Duration since_start, const ChannelSlot& slot) {
  return std::visit([&](const auto& model) { return loses_packet(model, since_start, slot); },
                    model_);
}

bool LossChannel::loses_packet(const BernoulliLoss& model, Duration, const ChannelSlot& slot) {
  return model.probability > 0 &&
         keyed_.uniform(slot.slot, slot.index, kLossPurpose) < model.probability;
}

// With loss h in the bad state and k in the good one, the long-run share of bad packets must be
// (mean - k) / (h - k); bad periods last 1/r packets, and balance asks for p (1 - bad) = r bad.
bool LossChannel::loses_packet(const GilbertElliottLoss& model, Duration, const ChannelSlot&) {
  if (model.mean <= 0) return false;
  const double bad_share =
      (model.mean - model.loss_in_good) / (model.loss_in_bad - model.loss_in_good);
  const double leave_bad = 1 / model.burst_packets;
  const double leave_good = bad_share < 1 ? leave_bad * bad_share / (1 - bad_share) : 1;
  const double step = sequence_.uniform();
  if (!started_) {
    started_ = true;
    bad_ = step < bad_share;
  } else if (bad_) {
    bad_ = bad_share >= 1 || step >= leave_bad;
  } else {
    bad_ = step < leave_good;
  }
  return sequence_.chance(bad_ ? model.loss_in_bad : model.loss_in_good);
}

bool LossChannel::loses_packet(const FadingLoss& model, Duration since_start, const ChannelSlot&) {
  if (model.mean <= 0) return false;
  if (model.mean >= 1) return true;
  const auto bad_us = static_cast<double>(model.burst.count());
  const double good_us = bad_us * (1 - model.mean) / model.mean;
  if (!started_) {
    started_ = true;
    bad_ = sequence_.chance(model.mean);
    sojourn_end_us_ = sequence_.exponential(bad_ ? bad_us : good_us);
  }
  while (sojourn_end_us_ <= static_cast<double>(since_start.count())) {
    bad_ = !bad_;
    sojourn_end_us_ += sequence_.exponential(bad_ ? bad_us : good_us);
  }
  return bad_;
}

bool LossChannel::loses_packet(const PatternLoss& model, Duration, const ChannelSlot&) {
  if (model.lost.empty()) return false;
  const bool lost = model.lost[next_in_pattern_];
  next_in_pattern_ = (next_in_pattern_ + 1) % model.lost.size();
  return lost;
}

}  // namespace mayfly
