#pragma once

#include <cstdint>
#include <memory>

#include "core/random.h"
#include "netsim/keyed_random.h"
#include "netsim/link_model.h"

namespace mayfly {

// A loss model at work: remembers the state that the next packet meets. Same model and seed, same
// channel.
class LossChannel {
 public:
  LossChannel(const LossModel& model, uint64_t seed);

  // Whether the packet that departs `since_start` after the link began is lost. To be asked once
  // per packet, in the order of departure; `slot` places it in the channel's time.
  [[nodiscard]] bool loses(Duration since_start, const ChannelSlot& slot);

 private:
  [[nodiscard]] bool loses_packet(const BernoulliLoss& model, Duration since_start,
                                  const ChannelSlot& slot);
  [[nodiscard]] bool loses_packet(const GilbertElliottLoss& model, Duration since_start,
                                  const ChannelSlot& slot);
  [[nodiscard]] bool loses_packet(const FadingLoss& model, Duration since_start,
                                  const ChannelSlot& slot);
  [[nodiscard]] bool loses_packet(const PatternLoss& model, Duration since_start,
                                  const ChannelSlot& slot);

  LossModel model_;
  KeyedRandom keyed_;
  Random sequence_;            // what follows step by step: states and sojourns
  bool started_ = false;       // the first state was drawn
  bool bad_ = false;           // Gilbert-Elliott and fading: in the bad state
  double sojourn_end_us_ = 0;  // fading: when the state changes next; fractions must not be lost
  size_t next_in_pattern_ = 0;
};

}  // namespace mayfly
