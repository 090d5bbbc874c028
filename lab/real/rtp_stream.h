#pragma once

#include <optional>
#include <vector>

#include "core/bytes.h"
#include "lab/clip_trace.h"
#include "lab/rtp_packets.h"

namespace mayfly {

// The frames of a clip as RTP packets (RFC 3550 5.1), made at one end and put together at the
// other. The sequence numbers tell which packet it is.
class RtpStream {
 public:
  // The clip must outlive it.
  RtpStream(const ClipTrace& clip, Spacing spacing);

  [[nodiscard]] const std::vector<Duration>& schedule() const { return schedule_; }
  [[nodiscard]] Bytes packet(size_t index) const;
  // The frame that is whole with this packet. What is no packet of the stream, or came before,
  // makes none whole.
  [[nodiscard]] std::optional<size_t> take(ByteView packet);

 private:
  // Which packet has this sequence number, seen from the newest that came.
  [[nodiscard]] std::optional<size_t> index_of_sequence(uint16_t sequence) const;
  [[nodiscard]] ByteView payload_of(const RtpPacket& packet) const;

  const ClipTrace& clip_;
  const std::vector<RtpPacket> packets_;
  std::vector<Duration> schedule_;
  std::vector<bool> came_;       // by packet
  std::vector<size_t> missing_;  // packets, by frame
  size_t newest_ = 0;
};

}  // namespace mayfly
