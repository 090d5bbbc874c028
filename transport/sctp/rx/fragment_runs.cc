#include "transport/sctp/rx/fragment_runs.h"

#include <iterator>
#include <utility>

namespace mayfly::sctp {

void FragmentRuns::count(const Run& run, bool in) {
  const auto add = [in](size_t& sum, size_t amount) { in ? sum += amount : sum -= amount; };
  add(charged_, run.charge());
  if (run.begins) add(begun_, run.charge());
}

void FragmentRuns::erase(Runs::iterator run) {
  count(run->second, false);
  runs_.erase(run);
}

std::optional<FragmentRuns::Whole> FragmentRuns::add(const Fragment& fragment) {
  const auto after = runs_.upper_bound(fragment.place);
  if (after != runs_.begin() && std::prev(after)->second.last >= fragment.place) {
    return std::nullopt;
  }
  const auto run = place(fragment);
  join_next(run);
  last_run_bytes_ = run->second.bytes;
  if (!run->second.begins || !run->second.ends) return std::nullopt;
  Whole whole{.message = run->second.message, .ppid = run->second.ppid, .payload = {}};
  if (run->second.pieces.size() == 1) {
    whole.payload = std::move(run->second.pieces.front());
    run->second.pieces.front().clear();
  } else {
    whole.payload.reserve(run->second.bytes);
    for (const Bytes& piece : run->second.pieces) {
      whole.payload.insert(whole.payload.end(), piece.begin(), piece.end());
    }
  }
  erase(run);
  return whole;
}

FragmentRuns::Runs::iterator FragmentRuns::place(const Fragment& fragment) {
  Bytes payload(fragment.payload.begin(), fragment.payload.end());
  const auto after = runs_.upper_bound(fragment.place);
  if (after != runs_.begin() && !fragment.begins) {
    const auto before = std::prev(after);
    Run& run = before->second;
    if (run.last + 1 == fragment.place && !run.ends && run.message == fragment.message) {
      count(run, false);
      run.last = fragment.place;
      run.ends = fragment.ends;
      run.bytes += payload.size();
      run.pieces.push_back(std::move(payload));
      count(run, true);
      return before;
    }
  }
  Run run{.last = fragment.place,
          .message = fragment.message,
          .begins = fragment.begins,
          .ends = fragment.ends,
          .ppid = fragment.ppid,
          .bytes = payload.size()};
  run.pieces.push_back(std::move(payload));
  count(run, true);
  return runs_.emplace_hint(after, fragment.place, std::move(run));
}

void FragmentRuns::join_next(Runs::iterator run) {
  const auto next = std::next(run);
  if (next == runs_.end() || run->second.ends || next->second.begins) return;
  if (next->first != run->second.last + 1 || next->second.message != run->second.message) return;
  count(run->second, false);
  count(next->second, false);
  Run joined = std::move(next->second);
  runs_.erase(next);
  run->second.last = joined.last;
  run->second.ends = joined.ends;
  run->second.bytes += joined.bytes;
  for (Bytes& piece : joined.pieces) run->second.pieces.push_back(std::move(piece));
  count(run->second, true);
}

void FragmentRuns::drop_by_place(uint64_t place) {
  while (!runs_.empty() && runs_.begin()->first <= place) erase(runs_.begin());
}

std::optional<uint64_t> FragmentRuns::drop_orphan(uint64_t place) {
  const auto run = runs_.find(place);
  if (run == runs_.end() || run->second.begins) return std::nullopt;
  const uint64_t last = run->second.last;
  erase(run);
  return last;
}

void FragmentRuns::drop_by_message(uint64_t message) {
  for (auto run = runs_.begin(); run != runs_.end();) {
    const auto next = std::next(run);
    if (run->second.message <= message) erase(run);
    run = next;
  }
}

}  // namespace mayfly::sctp
