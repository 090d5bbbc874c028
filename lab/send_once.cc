#include "lab/send_once.h"

#include <algorithm>
#include <vector>

#include "lab/closed_forms.h"

namespace mayfly {

DeliveryLog send_once(const ClipTrace& clip, Link link, Repair repair) {
  DeliveryLog log;
  std::vector<std::vector<Duration>> arrivals(clip.size());
  const Timestamp start = link.start();
  for (const RtpPacket& each : rtp_packets_of(clip, repair, Spacing::OverPicture)) {
    const size_t bytes = each.payload + kRtpHeaderBytes + kPacketHeaderBytes;
    log.wire_bytes += bytes;
    ++log.wire_packets;
    const Link::Passage passage = link.offer(start + each.at, bytes);
    if (passage.copies == 0) continue;
    const Duration arrival = passage.arrival() - start;
    arrivals[each.frame].push_back(arrival);
    log.queue_delays.push_back(arrival - each.at - link.model().delay);
  }
  for (size_t i = 0; i < clip.size(); ++i) {
    std::vector<Duration>& came = arrivals[i];
    const size_t needed = packets_of(clip.frames[i].bytes());
    DeliveryLog::FrameRecord record;
    if (came.size() >= needed) {
      std::sort(came.begin(), came.end());
      record.completed = came[needed - 1];
    }
    log.frames.push_back(record);
  }
  return log;
}

}  // namespace mayfly
