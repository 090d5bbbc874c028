// Files of any bytes, in pieces of any size, are watched without a fault. The first byte chooses
// the container, the second the size of the pieces.
#include <algorithm>
#include <array>

#include "core/bytes.h"
#include "core/check.h"
#include "demux/container_watch.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t size) {
  mayfly::ByteReader reader({reinterpret_cast<const std::byte*>(input), size});
  constexpr std::array<const char*, 5> kFormats{"mpegts", "mpeg", "avi", "matroska,webm",
                                                "mov,mp4"};
  const char* format = kFormats[reader.u8() % kFormats.size()];
  const size_t step = 1 + reader.u8() * size_t{8};
  mayfly::ByteView file = reader.rest();
  const auto watch = mayfly::container_watch(format, file, {0x100, 0x101});
  if (watch == nullptr) return 0;
  while (!file.empty()) {
    const auto skipped = static_cast<size_t>(std::min<uint64_t>(watch->skippable(), file.size()));
    watch->skip(skipped);
    file = file.subspan(skipped);
    const size_t piece = std::min(step, file.size());
    const auto wrong = watch->read(file.first(piece));
    MAYFLY_CHECK(!wrong || !wrong->empty());
    file = file.subspan(piece);
    if (piece % 7 == 3) watch->jump();
  }
  const auto wrong = watch->finish();
  MAYFLY_CHECK(!wrong || !wrong->empty());
  return 0;
}
