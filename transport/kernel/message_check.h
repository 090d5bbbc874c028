#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/result.h"
#include "transport/message.h"

namespace mayfly {

// What one message of the kernel's SCTP may be.
struct MessageLimits {
  size_t send_buffer_bytes = 0;  // Linux takes a message whole or not at all
  // The payload of one chunk, when the kernel must not cut messages into several.
  std::optional<size_t> one_chunk_bytes{};
  uint16_t streams = 0;

  [[nodiscard]] size_t max_message_bytes() const;
};

// As check_message() of transport/message.h, with the mend of what can be mended.
[[nodiscard]] Result<void> check_kernel_message(const Message& message, const SendOptions& options,
                                                const MessageLimits& limits);

}  // namespace mayfly
