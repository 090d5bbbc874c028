#include "transport/sctp/rx/reassembly.h"

#include <algorithm>
#include <utility>

namespace mayfly::sctp {
namespace {

size_t charge_of(const Bytes& payload) { return payload.size() + FragmentRuns::kOverhead; }

// Keeps the sums right over a change of some runs.
class Recount {
 public:
  Recount(const FragmentRuns& runs, size_t& charged, size_t& begun)
      : runs_(runs), charged_(charged), begun_(begun) {
    charged_ -= runs_.charged_bytes();
    begun_ -= runs_.begun_bytes();
  }
  ~Recount() {
    charged_ += runs_.charged_bytes();
    begun_ += runs_.begun_bytes();
  }
  Recount(const Recount&) = delete;
  Recount& operator=(const Recount&) = delete;

 private:
  const FragmentRuns& runs_;
  size_t& charged_;
  size_t& begun_;
};

}  // namespace

size_t Reassembly::add(const ReceivedFragment& fragment) {
  Stream& stream = streams_[fragment.stream];
  return interleaving_ ? add_i_data(stream, fragment) : add_data(stream, fragment);
}

size_t Reassembly::add_data(Stream& stream, const ReceivedFragment& fragment) {
  const auto ssn = unwrap(fragment.ssn, stream.next_ssn);
  // A message whose turn is over: it was skipped, or the peer does not count.
  if (fragment.ordered && ssn < stream.next_ssn) return fragment.payload.size();
  if (fragment.begins && fragment.ends) {
    return add_single(stream, fragment, fragment.ordered ? ssn.value() : 0);
  }
  if (!fragment.ordered && !fragment.begins && fragment.tsn == passed_ + 1) {
    passed_ = fragment.tsn;
    drop_orphans();
    return fragment.payload.size();
  }
  return add_to(fragment.ordered ? stream.ordered : stream.unordered,
                {.place = fragment.tsn.value(),
                 .message = fragment.ordered ? ssn.value() : 0,
                 .begins = fragment.begins,
                 .ends = fragment.ends,
                 .ppid = fragment.ppid,
                 .payload = fragment.payload},
                fragment.stream, stream, fragment.ordered);
}

size_t Reassembly::add_i_data(Stream& stream, const ReceivedFragment& fragment) {
  const auto near = fragment.ordered ? stream.next_mid : stream.newest_unordered;
  const auto mid = unwrap(fragment.mid, near);
  // A late part of a message that was skipped must not wait for the others for ever.
  const auto first = fragment.ordered ? stream.next_mid : stream.first_unordered;
  if (mid < first) return fragment.payload.size();
  if (!fragment.ordered) stream.newest_unordered = std::max(stream.newest_unordered, mid);
  auto& messages = fragment.ordered ? stream.ordered_messages : stream.unordered_messages;
  if (fragment.begins && fragment.ends && !messages.contains(mid.value())) {
    return add_single(stream, fragment, mid.value());
  }
  FragmentRuns& runs = messages[mid.value()];
  const size_t bytes = add_to(runs,
                              {.place = fragment.begins ? 0 : fragment.fragment.value(),
                               .message = mid.value(),
                               .begins = fragment.begins,
                               .ends = fragment.ends,
                               .ppid = fragment.ppid,
                               .payload = fragment.payload},
                              fragment.stream, stream, fragment.ordered);
  if (runs.empty()) messages.erase(mid.value());
  return bytes;
}

size_t Reassembly::add_single(Stream& stream, const ReceivedFragment& fragment, uint64_t number) {
  take_whole(fragment.stream, stream,
             {.message = number,
              .ppid = fragment.ppid,
              .payload = Bytes(fragment.payload.begin(), fragment.payload.end())},
             fragment.ordered);
  return fragment.payload.size();
}

size_t Reassembly::add_to(FragmentRuns& runs, const FragmentRuns::Fragment& fragment, StreamId id,
                          Stream& stream, bool ordered) {
  std::optional<FragmentRuns::Whole> whole;
  {
    const Recount recount(runs, charged_, begun_);
    whole = runs.add(fragment);
  }
  if (whole) take_whole(id, stream, std::move(*whole), ordered);
  return runs.last_run_bytes();
}

void Reassembly::take_whole(StreamId id, Stream& stream, FragmentRuns::Whole whole, bool ordered) {
  charged_ += charge_of(whole.payload);
  if (!ordered) {
    deliver(id, std::move(whole));
    return;
  }
  const uint64_t number = whole.message;
  if (number == next_of(stream) && stream.complete.empty()) {
    deliver(id, std::move(whole));
    ++stream.next_ssn;
    ++stream.next_mid;
    return;
  }
  const auto [place, is_new] = stream.complete.try_emplace(number, std::move(whole));
  // The same number twice, under another TSN: the first stands.
  if (!is_new) charged_ -= charge_of(whole.payload);
  deliver_in_order(id, stream);
}

void Reassembly::deliver_in_order(StreamId id, Stream& stream) {
  while (!stream.complete.empty() && stream.complete.begin()->first == next_of(stream)) {
    deliver(id, std::move(stream.complete.begin()->second));
    stream.complete.erase(stream.complete.begin());
    ++stream.next_ssn;
    ++stream.next_mid;
  }
}

void Reassembly::deliver(StreamId id, FragmentRuns::Whole whole) {
  ready_.push_back({id, whole.ppid, std::move(whole.payload)});
}

Message Reassembly::take_message() {
  Message message = std::move(ready_.front());
  ready_.pop_front();
  charged_ -= charge_of(message.payload);
  return message;
}

void Reassembly::forward_to(UnwrappedTsn cumulative) {
  if (interleaving_) return;
  for (auto& [id, stream] : streams_) {
    const Recount recount(stream.unordered, charged_, begun_);
    stream.unordered.drop_by_place(cumulative.value());
  }
  passed_ = std::max(passed_, cumulative);
  drop_orphans();
}

void Reassembly::drop_orphans() {
  for (auto& [id, stream] : streams_) {
    const Recount recount(stream.unordered, charged_, begun_);
    while (const auto last = stream.unordered.drop_orphan(passed_.value() + 1)) {
      passed_ = passed_ + (*last - passed_.value());
    }
  }
}

void Reassembly::skip(StreamId id, StreamSequence last) {
  Stream& stream = streams_[id];
  const auto number = unwrap(last, stream.next_ssn);
  if (number < stream.next_ssn) return;
  {
    const Recount recount(stream.ordered, charged_, begun_);
    stream.ordered.drop_by_message(number.value());
  }
  move_on(id, stream, number.value() + 1);
}

void Reassembly::skip(StreamId id, bool ordered, MessageIdentifier last) {
  Stream& stream = streams_[id];
  if (!ordered) {
    const auto number = unwrap(last, stream.newest_unordered);
    drop_messages(stream.unordered_messages, number.value());
    stream.newest_unordered = std::max(stream.newest_unordered, number);
    stream.first_unordered = std::max(stream.first_unordered, number.next());
    return;
  }
  const auto number = unwrap(last, stream.next_mid);
  if (number < stream.next_mid) return;
  drop_messages(stream.ordered_messages, number.value());
  move_on(id, stream, number.value() + 1);
}

void Reassembly::drop_messages(std::map<uint64_t, FragmentRuns>& messages, uint64_t last) {
  while (!messages.empty() && messages.begin()->first <= last) {
    charged_ -= messages.begin()->second.charged_bytes();
    begun_ -= messages.begin()->second.begun_bytes();
    messages.erase(messages.begin());
  }
}

void Reassembly::move_on(StreamId id, Stream& stream, uint64_t next) {
  // RFC 3758 3.6: what arrived whole before its turn is delivered all the same, in order.
  while (!stream.complete.empty() && stream.complete.begin()->first < next) {
    deliver(id, std::move(stream.complete.begin()->second));
    stream.complete.erase(stream.complete.begin());
  }
  const uint64_t steps = next - next_of(stream);
  stream.next_ssn = stream.next_ssn + steps;
  stream.next_mid = stream.next_mid + steps;
  deliver_in_order(id, stream);
}

}  // namespace mayfly::sctp
