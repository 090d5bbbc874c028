// What parses as a lifetime prints as one that parses to the same.
#include "core/bytes.h"
#include "core/check.h"
#include "delivery/delivery_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto lifetime = mayfly::parse_lifetime(text);
  if (lifetime) MAYFLY_CHECK(mayfly::parse_lifetime(mayfly::to_text(*lifetime)) == lifetime);
  static_cast<void>(mayfly::named_policy(text));
  return 0;
}
