#include "lab/send_once.h"

#include <algorithm>
#include <vector>

#include "lab/closed_forms.h"

namespace mayfly {
namespace {

constexpr size_t kRtpHeaderBytes = 12;  // RFC 3550 5.1

struct Emission {
  Duration at{};
  size_t frame = 0;
  size_t bytes = 0;  // on the wire
};

size_t repair_packets(size_t packets, Repair repair) {
  return repair == Repair::None ? 0 : (packets + 4) / 5;
}

// In the order of sending: a clip whose decode times crowd overlaps its frames.
std::vector<Emission> emissions_of(const ClipTrace& clip, Repair repair) {
  std::vector<Emission> emissions;
  const Duration interval = clip.interval();
  for (size_t i = 0; i < clip.size(); ++i) {
    const size_t bytes = clip.frames[i].bytes();
    const size_t needed = packets_of(bytes);
    const size_t packets = needed + repair_packets(needed, repair);
    for (size_t packet = 0; packet < packets; ++packet) {
      const size_t before = packet * kPacketPayloadBytes;
      const size_t rest = bytes > before ? bytes - before : kPacketPayloadBytes;
      // A repair packet is as long as the longest of those it repairs.
      const size_t payload = std::min({packet < needed ? rest : bytes, bytes, kPacketPayloadBytes});
      const auto offset =
          static_cast<int64_t>(packet) * interval.count() / static_cast<int64_t>(packets);
      emissions.push_back(
          {clip.due(i) + Duration(offset), i, payload + kRtpHeaderBytes + kPacketHeaderBytes});
    }
  }
  std::stable_sort(emissions.begin(), emissions.end(),
                   [](const Emission& a, const Emission& b) { return a.at < b.at; });
  return emissions;
}

}  // namespace

DeliveryLog send_once(const ClipTrace& clip, Link link, Repair repair) {
  DeliveryLog log;
  std::vector<std::vector<Duration>> arrivals(clip.size());
  const Timestamp start = link.start();
  for (const Emission& each : emissions_of(clip, repair)) {
    log.wire_bytes += each.bytes;
    ++log.wire_packets;
    const Link::Passage passage = link.offer(start + each.at, each.bytes);
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
