#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "transport/sctp/packet/chunk/data_chunk.h"
#include "transport/sctp/packet/chunk/forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/i_data_chunk.h"
#include "transport/sctp/packet/chunk/i_forward_tsn_chunk.h"
#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/rx/reassembly.h"
#include "transport/sctp/rx/tsn_tracker.h"

namespace mayfly::sctp {

struct ReceiverOptions {
  size_t window_bytes = 2 << 20;  // a_rwnd at the start
  // The largest message the peer may send. A message that has begun may take so much beside the
  // window: otherwise none larger than the window could ever be completed.
  size_t max_message_bytes = 16 << 20;
  uint16_t streams = 16;  // that the peer may send on
  Duration sack_delay{};
  uint32_t sack_frequency = 1;  // packets; RFC 9260 6.2 has at least every other one acknowledged
};

// The receiving half of an association's data: from chunks to messages, and what is to be
// acknowledged when (RFC 9260 6.2). Pure.
class Receiver {
 public:
  Receiver(const ReceiverOptions& options, Tsn peers_first, bool interleaving);

  enum class Verdict : uint8_t {
    Taken,
    Dropped,          // a duplicate, or beyond what is taken; the next SACK tells
    NoSuchStream,     // acknowledged, and to be answered with an error (RFC 9260 6.5)
    NoPayload,        // ends the association (RFC 9260 6.2)
    MessageTooLarge,  // ends the association: our bound
  };
  Verdict on_data(const DataChunk& chunk);
  Verdict on_i_data(const IDataChunk& chunk);
  void on_forward(const ForwardTsnChunk& chunk);
  void on_i_forward(const IForwardTsnChunk& chunk);
  // A packet that held any of the above has been read to its end.
  void on_packet_end(Timestamp now);

  [[nodiscard]] bool has_message() const { return reassembly_.has_message(); }
  [[nodiscard]] Message take_message();

  // Whether a SACK must go now.
  [[nodiscard]] bool is_sack_due(Timestamp now) const { return sack_at_ && *sack_at_ <= now; }
  // Whether one may ride on a packet that goes anyway.
  [[nodiscard]] bool has_news() const { return sack_at_.has_value(); }
  [[nodiscard]] std::optional<Timestamp> next_time() const { return sack_at_; }
  void demand_sack() { sack_at_ = Timestamp{}; }

  // The lists of a SackChunk, which borrows them.
  struct Sack {
    Tsn cumulative;
    uint32_t a_rwnd = 0;
    std::vector<GapAckBlock> gap_blocks;
    std::vector<Tsn> duplicates;

    [[nodiscard]] SackChunk chunk() const {
      return {.cumulative_tsn = cumulative,
              .a_rwnd = a_rwnd,
              .gap_blocks = gap_blocks,
              .duplicates = duplicates};
    }
  };
  // What has arrived, in at most `room` bytes; counts as told.
  [[nodiscard]] Sack make_sack(size_t room);

  [[nodiscard]] Tsn cumulative() const { return tsns_.cumulative().wrap(); }
  [[nodiscard]] size_t free_bytes() const;
  [[nodiscard]] const Reassembly& reassembly() const { return reassembly_; }

 private:
  [[nodiscard]] Verdict take(ReceivedFragment fragment, Tsn tsn, bool immediate);
  [[nodiscard]] bool has_room_for(const ReceivedFragment& fragment) const;
  // Whether it was further than before.
  [[nodiscard]] bool forward_to(UnwrappedTsn cumulative);

  ReceiverOptions options_;
  TsnTracker tsns_;
  Reassembly reassembly_;
  bool immediate_ = false;  // something in the packet wants an answer at once
  uint32_t packets_ = 0;    // since the last SACK
  size_t told_window_;
  std::optional<Timestamp> sack_at_;
};

}  // namespace mayfly::sctp
