#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "transport/sctp/packet/chunk/sack_chunk.h"
#include "transport/sctp/unwrapped_tsn.h"

namespace mayfly::sctp {

// Which TSNs of the peer have arrived (RFC 9260 6.2): everything up to one, and runs above it.
class TsnTracker {
 public:
  // How far above the cumulative TSN one may lie: a gap block cannot tell of more (RFC 9260 3.3.4).
  static constexpr uint64_t kMaxAhead = 0xffff;
  // Duplicates that are remembered between two SACKs; more are not told.
  static constexpr size_t kMaxDuplicates = 64;

  explicit TsnTracker(Tsn peers_first) : cumulative_(UnwrappedTsn::first(peers_first) - 1) {}

  enum class Arrival : uint8_t { New, Duplicate, TooFar };
  // What `tsn` would be; changes nothing.
  [[nodiscard]] Arrival classify(UnwrappedTsn tsn) const;
  // It arrived, and was new.
  void add(UnwrappedTsn tsn);
  void add_duplicate(UnwrappedTsn tsn);
  // Everything up to `tsn` counts as arrived (RFC 3758 3.6).
  void forward_to(UnwrappedTsn tsn);

  [[nodiscard]] UnwrappedTsn unwrapped(Tsn tsn) const { return unwrap(tsn, cumulative_); }
  [[nodiscard]] UnwrappedTsn cumulative() const { return cumulative_; }
  [[nodiscard]] UnwrappedTsn highest() const {
    return runs_.empty() ? cumulative_ : runs_.rbegin()->second;
  }
  [[nodiscard]] bool has_gap() const { return !runs_.empty(); }
  // The runs, the lowest first, at most `most`.
  [[nodiscard]] std::vector<GapAckBlock> gap_blocks(size_t most) const;
  // Since the last call, at most `most`; the others are forgotten.
  [[nodiscard]] std::vector<Tsn> take_duplicates(size_t most);

 private:
  void swallow_first_run();

  UnwrappedTsn cumulative_;
  std::map<UnwrappedTsn, UnwrappedTsn> runs_;  // first to last
  std::vector<Tsn> duplicates_;
};

}  // namespace mayfly::sctp
