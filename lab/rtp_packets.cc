#include "lab/rtp_packets.h"

#include <algorithm>

#include "lab/closed_forms.h"

namespace mayfly {
namespace {

size_t repair_packets(size_t packets, Repair repair) {
  return repair == Repair::None ? 0 : (packets + 4) / 5;
}

}  // namespace

std::vector<RtpPacket> rtp_packets_of(const ClipTrace& clip, Repair repair, Spacing spacing) {
  std::vector<RtpPacket> all;
  const Duration interval = spacing == Spacing::OverPicture ? clip.interval() : Duration::zero();
  for (size_t i = 0; i < clip.size(); ++i) {
    const size_t bytes = clip.frames[i].bytes();
    const size_t needed = packets_of(bytes);
    const size_t packets = needed + repair_packets(needed, repair);
    for (size_t packet = 0; packet < packets; ++packet) {
      const size_t before = packet * kPacketPayloadBytes;
      const size_t rest = bytes > before ? bytes - before : kPacketPayloadBytes;
      // A repair packet is as long as the longest of those it repairs.
      const size_t payload = std::min({packet < needed ? rest : bytes, bytes, kPacketPayloadBytes});
      const auto wait =
          static_cast<int64_t>(packet) * interval.count() / static_cast<int64_t>(packets);
      all.push_back({clip.due(i) + Duration(wait), i, before, payload});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const RtpPacket& a, const RtpPacket& b) { return a.at < b.at; });
  return all;
}

}  // namespace mayfly
