#include "transport/kernel/stack_backlog.h"

#include <algorithm>

namespace mayfly {

void StackBacklog::handed_over(size_t message_bytes, size_t chunk_payload_bytes, Priority urgency) {
  const size_t most = std::max<size_t>(chunk_payload_bytes, 1);
  for (size_t left = message_bytes; left > 0;) {
    const size_t chunk = std::min(left, most);
    Waiting& waiting = unsent_[urgency];
    waiting.chunks.push_back(chunk);
    waiting.bytes += chunk;
    ++unsent_chunks_;
    unsent_bytes_ += chunk;
    ++chunks_handed_over_;
    left -= chunk;
  }
}

void StackBacklog::update(uint64_t chunks_sent) {
  chunks_sent_ = chunks_sent;
  trim();
}

void StackBacklog::chunk_dropped() {
  ++chunks_dropped_;
  trim();
}

void StackBacklog::clear() {
  unsent_.clear();
  unsent_chunks_ = 0;
  unsent_bytes_ = 0;
  chunks_handed_over_ = chunks_sent_ + chunks_dropped_;
}

void StackBacklog::trim() {
  const uint64_t gone = chunks_sent_ + chunks_dropped_;
  // The kernel made more chunks of a message than were counted here.
  if (gone >= chunks_handed_over_) return clear();
  const uint64_t waiting = chunks_handed_over_ - gone;
  while (unsent_chunks_ > waiting) {
    const auto first = unsent_.begin();
    const size_t chunk = first->second.chunks.front();
    first->second.chunks.pop_front();
    first->second.bytes -= chunk;
    if (first->second.chunks.empty()) unsent_.erase(first);
    --unsent_chunks_;
    unsent_bytes_ -= chunk;
  }
}

size_t StackBacklog::unsent_bytes_before(Priority urgency) const {
  size_t bytes = 0;
  for (const auto& [theirs, waiting] : unsent_) {
    if (theirs > urgency) break;
    bytes += waiting.bytes;
  }
  return bytes;
}

}  // namespace mayfly
