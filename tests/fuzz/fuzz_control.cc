// A control message is refused or has a meaning that survives being sent on.
#include "core/check.h"
#include "wire/control.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using mayfly::ErrorCode;
  const mayfly::ByteView message(reinterpret_cast<const std::byte*>(bytes), size);
  const auto parsed = mayfly::wire::parse_control(message);
  if (!parsed) {
    MAYFLY_CHECK(parsed.error().code == ErrorCode::Malformed ||
                 parsed.error().code == ErrorCode::Unsupported);
    return 0;
  }
  const auto again = mayfly::wire::parse_control(mayfly::wire::serialize(*parsed));
  MAYFLY_CHECK(again && *again == *parsed);
  return 0;
}
