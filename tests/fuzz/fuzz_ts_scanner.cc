// However a stream is cut, the scanner counts the same, and every byte it has let go is part of a
// packet or foreign.
#include "core/check.h"
#include "demux/ts_scanner.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace mayfly;
  const ByteView all(reinterpret_cast<const std::byte*>(bytes), size);
  TsScanner whole;
  whole.add(all);
  TsScanner cut;
  const size_t step = size == 0 ? 1 : std::to_integer<size_t>(all[size - 1]) + 1;
  for (size_t at = 0; at < size; at += step) {
    cut.add(all.subspan(at, std::min(step, size - at)));
  }
  MAYFLY_CHECK(whole.figures() == cut.figures());
  const TsFigures& figures = whole.figures();
  MAYFLY_CHECK(figures.packets * 188 + figures.foreign_bytes <= size);
  MAYFLY_CHECK(figures.gaps + figures.damaged <= figures.packets);
  return 0;
}
