#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "transport/message.h"
#include "transport/sctp/packet/serial_number.h"
#include "transport/sctp/packet/types.h"
#include "transport/sctp/rx/fragment_runs.h"
#include "transport/sctp/unwrapped_tsn.h"

namespace mayfly::sctp {

// What a DATA or I-DATA chunk brought.
struct ReceivedFragment {
  UnwrappedTsn tsn{};
  StreamId stream{};
  bool ordered = true;
  bool begins = false;
  bool ends = false;
  StreamSequence ssn{};         // of DATA, when ordered
  MessageIdentifier mid{};      // of I-DATA
  FragmentSequence fragment{};  // of I-DATA
  Ppid ppid{};
  ByteView payload{};
};

// Puts messages together and in order (RFC 9260 6.5, 6.6, 6.9; RFC 8260 2.2): those of DATA or
// those of I-DATA, as the handshake had it. Holds what is incomplete, what waits for an earlier
// message of its stream, and what nobody has fetched yet.
class Reassembly {
 public:
  explicit Reassembly(bool interleaving) : interleaving_(interleaving) {}

  // A fragment whose TSN is new. The answer is how much of its message there is by now, in a row.
  size_t add(const ReceivedFragment& fragment);
  // The peer has given up all TSNs up to this one, and with them unordered DATA (RFC 3758 3.6).
  void forward_to(UnwrappedTsn cumulative);
  // And the ordered messages of a stream up to this one.
  void skip(StreamId stream, StreamSequence last);
  // I-DATA's (RFC 8260 2.3.1).
  void skip(StreamId stream, bool ordered, MessageIdentifier last);

  [[nodiscard]] bool has_message() const { return !ready_.empty(); }
  // The next message, which must exist.
  [[nodiscard]] Message take_message();

  // Everything that is held, with an overhead for each piece; and the part of it in messages that
  // have begun without a gap so far.
  [[nodiscard]] size_t charged_bytes() const { return charged_; }
  [[nodiscard]] size_t begun_bytes() const { return begun_; }

 private:
  struct Stream {
    FragmentRuns ordered{};  // DATA
    FragmentRuns unordered{};
    std::map<uint64_t, FragmentRuns> ordered_messages{};  // I-DATA, by message
    std::map<uint64_t, FragmentRuns> unordered_messages{};
    std::map<uint64_t, FragmentRuns::Whole> complete{};  // ordered, and before their turn
    Unwrapped<StreamSequence> next_ssn = Unwrapped<StreamSequence>::first(StreamSequence(0));
    Unwrapped<MessageIdentifier> next_mid =
        Unwrapped<MessageIdentifier>::first(MessageIdentifier(0));
    Unwrapped<MessageIdentifier> newest_unordered = next_mid;
    Unwrapped<MessageIdentifier> first_unordered = next_mid;  // those before it were given up
  };

  size_t add_data(Stream& stream, const ReceivedFragment& fragment);
  size_t add_i_data(Stream& stream, const ReceivedFragment& fragment);
  // A message that is one fragment waits for no other, only for its turn.
  size_t add_single(Stream& stream, const ReceivedFragment& fragment, uint64_t number);
  size_t add_to(FragmentRuns& runs, const FragmentRuns::Fragment& fragment, StreamId id,
                Stream& stream, bool ordered);
  void take_whole(StreamId id, Stream& stream, FragmentRuns::Whole whole, bool ordered);
  void drop_orphans();
  void drop_messages(std::map<uint64_t, FragmentRuns>& messages, uint64_t last);
  // Sets the number of the next ordered message, having delivered the complete ones before it.
  void move_on(StreamId id, Stream& stream, uint64_t next);
  void deliver_in_order(StreamId id, Stream& stream);
  void deliver(StreamId id, FragmentRuns::Whole whole);
  [[nodiscard]] uint64_t next_of(const Stream& stream) const {
    return interleaving_ ? stream.next_mid.value() : stream.next_ssn.value();
  }

  bool interleaving_;
  // The last TSN that was given up or is the orphan of one that was: an unordered fragment behind
  // it that does not begin a message will never have its beginning. DATA.
  UnwrappedTsn passed_{};
  std::map<StreamId, Stream> streams_;
  std::deque<Message> ready_;
  size_t charged_ = 0;
  size_t begun_ = 0;
};

}  // namespace mayfly::sctp
