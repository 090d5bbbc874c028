#include "transport/message.h"

namespace mayfly {

std::optional<std::string> fault_of(const SendOptions& options) {
  const int policies = int{options.lifetime.has_value()} +
                       int{options.max_retransmissions.has_value()} +
                       int{options.discard_priority.has_value()};
  if (policies > 1) {
    return "a message has a lifetime, a retransmission limit or a discard priority, only one of "
           "them";
  }
  if (options.lifetime && *options.lifetime <= Duration::zero()) {
    return "a lifetime must be positive";
  }
  return std::nullopt;
}

}  // namespace mayfly
