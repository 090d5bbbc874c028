#include "transport/message.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "core/quantity.h"

namespace mayfly {
namespace {

tl::unexpected<Error> refuse(std::string why) {
  return failure(ErrorCode::InvalidArgument, std::move(why));
}

Result<void> check_options(const SendOptions& options) {
  const int policies = int{options.lifetime.has_value()} +
                       int{options.max_retransmissions.has_value()} +
                       int{options.discard_priority.has_value()};
  if (policies > 1) {
    return refuse(
        "a message has a lifetime, a retransmission limit or a discard priority, only one of them");
  }
  if (options.lifetime && *options.lifetime <= Duration::zero()) {
    return refuse("a lifetime must be positive");
  }
  return {};
}

}  // namespace

Result<void> check_message(const Message& message, const SendOptions& options,
                           size_t max_message_bytes, uint16_t streams) {
  const size_t bytes = message.payload.size();
  if (bytes == 0) return refuse("SCTP has no empty messages");
  if (bytes > max_message_bytes) {
    return refuse(fmt::format("a message of {} is larger than the largest, {}",
                              data_size_text(bytes), data_size_text(max_message_bytes)));
  }
  if (message.stream.value() >= streams) {
    return refuse(
        fmt::format("there is no stream {}: the peer takes {}", message.stream.value(), streams));
  }
  return check_options(options);
}

}  // namespace mayfly
