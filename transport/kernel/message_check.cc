#include "transport/kernel/message_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/quantity.h"

namespace mayfly {
namespace {

Result<void> check_size(size_t bytes, const MessageLimits& limits) {
  if (limits.one_chunk_bytes && bytes > *limits.one_chunk_bytes) {
    return failure(
        ErrorCode::InvalidArgument,
        fmt::format("a message of {} does not fit one chunk of {}, and "
                    "transport.kernel.fragmentation is \"off\": send it in pieces, or turn "
                    "fragmentation \"on\"",
                    data_size_text(bytes), data_size_text(*limits.one_chunk_bytes)));
  }
  if (bytes > limits.send_buffer_bytes) {
    return failure(
        ErrorCode::InvalidArgument,
        fmt::format("a message of {} is larger than the kernel's send buffer of {}: send "
                    "it in pieces, or raise net.core.wmem_max",
                    data_size_text(bytes), data_size_text(limits.send_buffer_bytes)));
  }
  return {};
}

}  // namespace

size_t MessageLimits::max_message_bytes() const {
  return std::min(send_buffer_bytes, one_chunk_bytes.value_or(send_buffer_bytes));
}

Result<void> check_kernel_message(const Message& message, const SendOptions& options,
                                  const MessageLimits& limits) {
  RETURN_IF_ERROR(check_size(message.payload.size(), limits));
  return check_message(message, options, limits.max_message_bytes(), limits.streams);
}

}  // namespace mayfly
