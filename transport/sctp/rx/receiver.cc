#include "transport/sctp/rx/receiver.h"

#include <algorithm>
#include <limits>

namespace mayfly::sctp {
namespace {

// A window that opens by less than this is not worth a SACK of its own (RFC 9260 6.2).
constexpr size_t kSmallWindow = 4096;

}  // namespace

Receiver::Receiver(const ReceiverOptions& options, Tsn peers_first, bool interleaving)
    : options_(options),
      tsns_(peers_first),
      reassembly_(interleaving),
      told_window_(options.window_bytes) {}

size_t Receiver::free_bytes() const {
  const size_t beside = std::min(reassembly_.begun_bytes(), options_.max_message_bytes);
  const size_t held = reassembly_.charged_bytes() - beside;
  return held < options_.window_bytes ? options_.window_bytes - held : 0;
}

Receiver::Verdict Receiver::on_data(const DataChunk& chunk) {
  return take({.stream = chunk.stream,
               .ordered = !chunk.unordered,
               .begins = chunk.beginning,
               .ends = chunk.end,
               .ssn = chunk.sequence,
               .ppid = chunk.ppid,
               .payload = chunk.payload},
              chunk.tsn, chunk.immediate);
}

Receiver::Verdict Receiver::on_i_data(const IDataChunk& chunk) {
  return take({.stream = chunk.stream,
               .ordered = !chunk.unordered,
               .begins = chunk.beginning,
               .ends = chunk.end,
               .mid = chunk.message,
               .fragment = chunk.fragment,
               .ppid = chunk.ppid,
               .payload = chunk.payload},
              chunk.tsn, chunk.immediate);
}

Receiver::Verdict Receiver::take(ReceivedFragment fragment, Tsn wire_tsn, bool immediate) {
  if (fragment.payload.empty()) return Verdict::NoPayload;
  fragment.tsn = tsns_.unwrapped(wire_tsn);
  if (immediate) immediate_ = true;
  const TsnTracker::Arrival arrival = tsns_.classify(fragment.tsn);
  if (arrival == TsnTracker::Arrival::Duplicate) {
    // RFC 9260 6.2: told at once.
    tsns_.add_duplicate(fragment.tsn);
    immediate_ = true;
    return Verdict::Dropped;
  }
  if (arrival == TsnTracker::Arrival::TooFar || !has_room_for(fragment)) {
    immediate_ = true;
    return Verdict::Dropped;
  }
  tsns_.add(fragment.tsn);
  if (fragment.stream.value() >= options_.streams) return Verdict::NoSuchStream;
  if (reassembly_.add(fragment) > options_.max_message_bytes) return Verdict::MessageTooLarge;
  return Verdict::Taken;
}

bool Receiver::has_room_for(const ReceivedFragment& fragment) const {
  if (free_bytes() >= fragment.payload.size()) return true;
  // RFC 9260 6.2: without room, only what fills a gap is taken. A peer that keeps to the window may
  // go beyond it by the overhead that we count and it does not know of; most of all the first gap
  // must close, since everything above waits for it.
  if (fragment.tsn >= tsns_.highest()) return false;
  const bool is_first = fragment.tsn == tsns_.cumulative() + 1;
  const size_t beside = std::min(reassembly_.begun_bytes(), options_.max_message_bytes);
  return reassembly_.charged_bytes() - beside <=
         (is_first ? size_t{8} : size_t{4}) * options_.window_bytes;
}

void Receiver::on_forward(const ForwardTsnChunk& chunk) {
  const UnwrappedTsn cumulative = tsns_.unwrapped(chunk.new_cumulative_tsn);
  if (!forward_to(cumulative)) return;
  for (const SkippedSequence& skipped : chunk.skipped) {
    if (skipped.stream.value() < options_.streams) {
      reassembly_.skip(skipped.stream, skipped.sequence);
    }
  }
  reassembly_.forward_to(cumulative);
}

void Receiver::on_i_forward(const IForwardTsnChunk& chunk) {
  if (!forward_to(tsns_.unwrapped(chunk.new_cumulative_tsn))) return;
  for (const SkippedMessage& skipped : chunk.skipped) {
    if (skipped.stream.value() < options_.streams) {
      reassembly_.skip(skipped.stream, !skipped.unordered, skipped.message);
    }
  }
}

bool Receiver::forward_to(UnwrappedTsn cumulative) {
  // RFC 3758 3.6: also an old one is answered, since the peer has not seen the SACK.
  immediate_ = true;
  if (cumulative <= tsns_.cumulative()) return false;
  // Nobody can have sent so much.
  if (cumulative > tsns_.cumulative() + TsnTracker::kMaxAhead) return false;
  tsns_.forward_to(cumulative);
  return true;
}

void Receiver::on_packet_end(Timestamp now) {
  ++packets_;
  // RFC 9260 6.2, RFC 7053: at once when something is missing, double, or asked for.
  if (immediate_ || tsns_.has_gap() || packets_ >= options_.sack_frequency ||
      options_.sack_delay <= Duration::zero()) {
    sack_at_ = now;
  } else if (!sack_at_) {
    sack_at_ = now + options_.sack_delay;
  }
  immediate_ = false;
}

Message Receiver::take_message() {
  Message message = reassembly_.take_message();
  // RFC 9260 6.2: the peer may be waiting for the window to open.
  if (told_window_ < kSmallWindow &&
      free_bytes() >= std::min(2 * kSmallWindow, options_.window_bytes / 2)) {
    demand_sack();
  }
  return message;
}

Receiver::Sack Receiver::make_sack(size_t room) {
  Sack sack{
      .cumulative = tsns_.cumulative().wrap(), .a_rwnd = 0, .gap_blocks = {}, .duplicates = {}};
  const size_t records = sack_records_in(room);
  told_window_ = free_bytes();
  sack.a_rwnd =
      static_cast<uint32_t>(std::min<size_t>(told_window_, std::numeric_limits<uint32_t>::max()));
  sack.gap_blocks = tsns_.gap_blocks(records);
  sack.duplicates = tsns_.take_duplicates(records - sack.gap_blocks.size());
  packets_ = 0;
  sack_at_.reset();
  return sack;
}

}  // namespace mayfly::sctp
