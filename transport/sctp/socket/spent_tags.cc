#include "transport/sctp/socket/spent_tags.h"

namespace mayfly::sctp {

void SpentTags::add(VerificationTag tag, Timestamp now) {
  while (!by_age_.empty() && (by_age_.front().until <= now || by_age_.size() == kMost)) {
    tags_.erase(by_age_.front().tag.value());
    by_age_.pop_front();
  }
  if (tags_.insert(tag.value()).second) by_age_.push_back({tag, now + lifespan_});
}

}  // namespace mayfly::sctp
