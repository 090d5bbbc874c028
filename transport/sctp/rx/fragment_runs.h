#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/ids.h"

namespace mayfly::sctp {

// Fragments that wait for others of their message, joined to runs as far as they follow each other.
// DATA is put together by TSN: the fragments of a message have consecutive ones (RFC 9260 6.9), so
// one object serves a whole stream. I-DATA is put together by fragment number, with an object for
// each message (RFC 8260 2.1).
class FragmentRuns {
 public:
  struct Fragment {
    uint64_t place = 0;    // TSN or fragment number
    uint64_t message = 0;  // fragments of different messages are not joined: SSN or MID
    bool begins = false;
    bool ends = false;
    Ppid ppid{};  // of the beginning
    ByteView payload;
  };
  struct Whole {
    uint64_t message = 0;
    Ppid ppid;
    Bytes payload;
  };

  // The message, when this was what it lacked. A place that is taken already is left as it is.
  [[nodiscard]] std::optional<Whole> add(const Fragment& fragment);
  // Forgets the runs that begin at or below `place`.
  void drop_by_place(uint64_t place);
  // Forgets the run that begins at `place`, when the beginning of its message is not in it. The
  // answer is its last place.
  [[nodiscard]] std::optional<uint64_t> drop_orphan(uint64_t place);
  // Forgets the runs of messages at or below `message`.
  void drop_by_message(uint64_t message);

  [[nodiscard]] bool empty() const { return runs_.empty(); }
  // Payload, with kOverhead for each fragment.
  [[nodiscard]] size_t charged_bytes() const { return charged_; }
  // The part of it in runs that have the beginning of their message.
  [[nodiscard]] size_t begun_bytes() const { return begun_; }
  // The run to which add() last put something, payload only.
  [[nodiscard]] size_t last_run_bytes() const { return last_run_bytes_; }

  // What a fragment costs beside its payload.
  static constexpr size_t kOverhead = 128;

 private:
  struct Run {
    uint64_t last = 0;
    uint64_t message = 0;
    bool begins = false;
    bool ends = false;
    Ppid ppid{};
    std::vector<Bytes> pieces{};
    size_t bytes = 0;

    [[nodiscard]] size_t charge() const { return bytes + pieces.size() * kOverhead; }
  };
  using Runs = std::map<uint64_t, Run>;  // by first place

  void count(const Run& run, bool in);
  void erase(Runs::iterator run);
  [[nodiscard]] Runs::iterator place(const Fragment& fragment);
  void join_next(Runs::iterator run);

  Runs runs_;
  size_t charged_ = 0;
  size_t begun_ = 0;
  size_t last_run_bytes_ = 0;
};

}  // namespace mayfly::sctp
