#include "lab/bounds.h"

#include <algorithm>
#include <vector>

#include "lab/channel_log.h"
#include "lab/ideal_arq.h"
#include "lab/oracle.h"
#include "lab/send_once.h"
#include "lab/verdict.h"

namespace mayfly {
namespace {

double share_of(const std::vector<bool>& flags) {
  return static_cast<double>(std::count(flags.begin(), flags.end(), true)) /
         static_cast<double>(flags.size());
}

}  // namespace

Bounds bounds_of(const ClipTrace& clip, const Cell& cell, uint64_t seed) {
  const Duration length = clip.length() + cell.playout_delay;
  const auto once = [&](Repair repair) {
    const Link link = forward_link(cell, clip.media_rate(), seed, length, Timestamp{});
    const DeliveryLog log = send_once(clip, link, repair);
    return share_of(decodable(clip, on_time(clip, log, cell.playout_delay)));
  };
  const ChannelLog channel(cell, clip.media_rate(), seed, length);
  const size_t most = most_frames_shown(clip, channel, cell.one_way(), cell.playout_delay);
  return {.floor = once(Repair::None),
          .ideal_arq = share_of(decodable(clip, ideal_arq_on_time(clip, cell, seed))),
          .fec_20 = once(Repair::FifthMore),
          .oracle = static_cast<double>(most) / static_cast<double>(clip.size())};
}

}  // namespace mayfly
