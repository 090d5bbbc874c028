#include "client/latency_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mayfly {
namespace {

// Buckets as in HdrHistogram: every power of two is cut into 256 equal parts, and values below 512
// have a bucket each.
constexpr uint32_t kPartBits = 8;
constexpr uint32_t kParts = 1U << kPartBits;

uint32_t bucket_of(uint64_t value) {
  if (value < 2 * kParts) return static_cast<uint32_t>(value);
  const auto shift = static_cast<uint32_t>(std::bit_width(value)) - kPartBits - 1;
  return shift * kParts + static_cast<uint32_t>(value >> shift);
}

// The largest value of the bucket.
uint64_t top_of(uint32_t bucket) {
  if (bucket < 2 * kParts) return bucket;
  const uint32_t shift = bucket / kParts - 1;
  const uint64_t part = bucket % kParts + kParts;
  return (part + 1) * (uint64_t{1} << shift) - 1;
}

}  // namespace

void LatencySketch::add(Duration latency) {
  const Duration counted = std::max(latency, Duration::zero());
  ++buckets_[bucket_of(static_cast<uint64_t>(counted.count()))];
  ++count_;
  max_ = std::max(max_, counted);
}

void LatencySketch::add(const LatencySketch& other) {
  for (const auto& [bucket, count] : other.buckets_) buckets_[bucket] += count;
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

Duration LatencySketch::quantile(double share) const {
  const auto wanted = std::max<uint64_t>(
      1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_) - 1e-9)));
  uint64_t seen = 0;
  for (const auto& [bucket, count] : buckets_) {
    seen += count;
    if (seen >= wanted) return std::min(max_, Duration(top_of(bucket)));
  }
  return max_;
}

LatencySummary LatencySketch::summary() const {
  return {count_, quantile(0.50), quantile(0.95), quantile(0.99), max_};
}

}  // namespace mayfly
