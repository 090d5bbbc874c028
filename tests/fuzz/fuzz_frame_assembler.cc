// Drives a FrameAssembler with a sequence of commands read from the input: pieces of every shape,
// retired epochs, forgotten frames. Whatever comes, its bounds and its books hold, and a frame that
// it gives is whole and given once.
#include <set>
#include <tuple>

#include "client/frame_assembler.h"
#include "core/bytes.h"
#include "core/check.h"

namespace {

using namespace mayfly;

constexpr FrameAssemblerOptions kOptions{.max_bytes = 4096, .max_frames = 8};

// What a well-formed frame of this number would hold; pieces cut from it agree with each other.
Bytes payload_of(uint32_t number, size_t bytes) {
  Bytes payload(bytes);
  for (size_t i = 0; i < bytes; ++i) payload[i] = static_cast<std::byte>(number * 31 + i);
  return payload;
}

class Driver {
 public:
  void step(ByteReader& input) {
    now_ += Duration(input.u8() * 1000);
    const unsigned command = input.u8();
    if (command < 230) {
      insert(input, command);
    } else if (command < 245) {
      retire(wire::Epoch(input.u8()));
    } else {
      assembler_.forget_idle_since(now_ - Duration(input.u8() * 1000));
    }
    MAYFLY_CHECK(assembler_.bytes_under_way() <= kOptions.max_bytes);
    MAYFLY_CHECK(assembler_.frames_under_way() <= kOptions.max_frames);
    const FrameAssemblerCounters& counters = assembler_.counters();
    MAYFLY_CHECK(counters.duplicates + counters.conflicting + counters.outdated <= counters.pieces);
    MAYFLY_CHECK(assembler_.frames_under_way() != 0 || assembler_.bytes_under_way() == 0);
  }

 private:
  // A retired epoch's number may come again, for another one.
  void retire(wire::Epoch oldest) {
    assembler_.retire_before(oldest);
    std::erase_if(given_, [oldest](const auto& each) {
      return is_before(std::get<wire::Epoch>(each), oldest);
    });
  }

  void insert(ByteReader& input, unsigned command) {
    wire::FramePiece piece;
    piece.epoch = wire::Epoch(command < 200 ? 3 : input.u8());
    piece.track = TrackId(command & 1);
    piece.number = FrameNumber(command < 215 ? input.u8() % 16 : input.u32());
    piece.frame_bytes = input.u8() * 8U;
    const Bytes payload = payload_of(piece.number.value(), piece.frame_bytes);
    piece.offset = std::min<uint32_t>(input.u8() * 8U, piece.frame_bytes);
    const size_t size = std::min<size_t>(input.u8(), piece.frame_bytes - piece.offset);
    piece.body = ByteView(payload).subspan(piece.offset, size);
    if (piece.offset == 0) piece.description.emplace();
    // Only what the parser lets through.
    if (piece.body.empty() && piece.frame_bytes != 0) return;
    const auto whole = assembler_.insert(piece, now_);
    if (!whole) return;
    const Frame& frame = whole->frame;
    MAYFLY_CHECK(*frame.payload == payload_of(frame.number.value(), frame.bytes()));
    MAYFLY_CHECK(whole->first_arrival <= whole->completed && whole->completed == now_);
    MAYFLY_CHECK(given_.emplace(whole->epoch, frame.track, frame.number).second);
  }

  FrameAssembler assembler_{kOptions};
  Timestamp now_{1s};
  std::set<std::tuple<wire::Epoch, TrackId, FrameNumber>> given_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  ByteReader input(std::as_bytes(std::span(bytes, size)));
  Driver driver;
  while (!input.rest().empty()) driver.step(input);
  return 0;
}
