// What parses as a quantity prints as one that parses to the same.
#include "core/check.h"
#include "core/quantity.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace mayfly;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto value = parse_duration(text)) {
    MAYFLY_CHECK(parse_duration(to_text(*value)) == value);
  }
  if (const auto value = parse_data_rate(text)) {
    MAYFLY_CHECK(parse_data_rate(to_text(*value)) == value);
  }
  if (const auto value = parse_data_size(text)) {
    MAYFLY_CHECK(parse_data_size(data_size_text(*value)) == value);
  }
  if (const auto value = parse_percentage(text)) {
    MAYFLY_CHECK(parse_percentage(percentage_text(*value)) == value);
  }
  static_cast<void>(parse_integer(text, -1000, 1000));
  return 0;
}
