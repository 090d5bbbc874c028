// Drives a PlayoutBuffer and its timeline with a sequence of commands read from the input. Whatever
// comes, every frame is decided on once and in order, nothing is played before it is due or without
// what it needs, and its bounds hold.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "client/playout_buffer.h"
#include "core/bytes.h"
#include "core/check.h"

namespace {

using namespace mayfly;

constexpr PlayoutBufferOptions kOptions{.max_bytes = 2048, .max_frames = 12};

class Driver {
 public:
  void step(ByteReader& input) {
    now_ += Duration(input.u8() * 1000);
    switch (input.u8() % 10) {
      case 0: timeline_.pause(now_); break;
      case 1: timeline_.resume(now_); break;
      case 2: timeline_.move_to(Timestamp(10s) + Duration(input.u8() * 100)); break;
      case 3:
        if (timeline_.pauses() > 0) {
          timeline_.correct_pause(input.u8() % timeline_.pauses(), Duration(input.u8() * 1000));
        }
        break;
      case 4:
      case 5: play(); break;
      default: insert(input); break;
    }
  }

 private:
  void insert(ByteReader& input) {
    Frame frame;
    frame.track = TrackId(input.u8() % 2);
    const unsigned number = input.u8();
    frame.number = FrameNumber(number < 240 ? number % 32 : 0xfffffff0 + number % 16);
    frame.dts = MediaTime(Duration(input.u8() * 10'000) - 100ms);
    frame.payload = std::make_shared<Bytes>(input.u8());
    for (unsigned count = input.u8() % 3; count > 0; --count) {
      const unsigned distance = input.u8() % 8 + 1;
      if (distance <= frame.number.value()) {
        frame.references.emplace_back(frame.number.value() - distance);
      }
    }
    const uint64_t next = buffer_.decided_before(frame.track);
    const bool is_past = frame.number.value() < next;
    const bool taken = buffer_.insert(std::move(frame), now_);
    MAYFLY_CHECK(!(taken && is_past));
    // One frame that everything waits for may come on top, of each track.
    MAYFLY_CHECK(buffer_.frames() <= kOptions.max_frames + 2);
    MAYFLY_CHECK(buffer_.bytes() < kOptions.max_bytes + 3 * 255);
  }

  void play() {
    for (;;) {
      const PlayoutStep step = buffer_.next(now_);
      if (const auto* const wait = std::get_if<Wait>(&step)) {
        MAYFLY_CHECK(wait->until > now_);
        return;
      }
      if (const auto* const skip = std::get_if<Skip>(&step)) {
        decide(skip->track, skip->first.value(), skip->last.value());
        continue;
      }
      const auto& play = std::get<Play>(step);
      decide(play.frame.track, play.frame.number.value(), play.frame.number.value());
      MAYFLY_CHECK(play.due <= now_);
      for (const FrameNumber reference : play.frame.references) {
        MAYFLY_CHECK(played_.contains({play.frame.track, reference}));
      }
      played_.emplace(play.frame.track, play.frame.number);
    }
  }

  void decide(TrackId track, uint64_t first, uint64_t last) {
    uint64_t& decided = decided_[track];
    MAYFLY_CHECK(first == decided && last >= first);
    decided = last + 1;
    MAYFLY_CHECK(buffer_.decided_before(track) == decided);
  }

  PlayoutTimeline timeline_{Timestamp(10s), MediaTime{}, 100ms};
  PlayoutBuffer buffer_{kOptions, timeline_};
  Timestamp now_{10s};
  std::map<TrackId, uint64_t> decided_;
  std::set<std::pair<TrackId, FrameNumber>> played_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  ByteReader input(std::as_bytes(std::span(bytes, size)));
  Driver driver;
  while (!input.rest().empty()) driver.step(input);
  return 0;
}
