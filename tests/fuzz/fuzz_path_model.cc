// What parses as a path prints as one that parses to the same, and its links carry packets.
#include "core/check.h"
#include "netsim/link.h"
#include "netsim/link_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace mayfly;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  static_cast<void>(parse_capacity_trace(text));
  // A trace may be any file of this machine, the endless ones too.
  if (text.find("trace") != std::string_view::npos) return 0;
  const auto path = parse_path_model(text);
  if (!path) return 0;
  MAYFLY_CHECK(parse_path_model(to_text(*path)) == path);
  Timestamp now{1s};
  Link link = up_link(*path, now);
  for (const Duration step : {0us, 1us, 1000us, 3600'000'000us}) {
    now += step;
    for (int i = 0; i < 4; ++i) static_cast<void>(link.offer(now, 1500));
  }
  const LinkStats& stats = link.stats();
  MAYFLY_CHECK(stats.offered == stats.lost + stats.dropped_by_queue + stats.delivered);
  return 0;
}
