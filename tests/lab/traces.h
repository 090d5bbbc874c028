#pragma once

#include <cstddef>
#include <string>

#include "core/check.h"
#include "demux/synthetic_source.h"
#include "lab/clip_trace.h"

namespace mayfly {

// A clip that was never filmed, as a trace.
[[nodiscard]] inline ClipTrace trace_of(const SyntheticShape& shape) {
  SyntheticSource source(shape);
  auto trace = read_clip_trace(source, "synthetic", 1h);
  MAYFLY_CHECK(trace.has_value());
  return std::move(*trace);
}

// Sizes like those of a static camera at 1.5 Mbit/s: the I frames are giants.
[[nodiscard]] inline SyntheticShape street_shape(uint32_t pictures) {
  SyntheticShape shape;
  shape.pattern = "IPBBPBBPBB";
  shape.i_bytes = 44 * 1200;
  shape.p_bytes = 6'700;
  shape.b_bytes = 900;
  shape.pictures = pictures;
  return shape;
}

}  // namespace mayfly
