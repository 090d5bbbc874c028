#include "wire/utf8.h"

#include <cstdint>

namespace mayfly::wire {
namespace {

struct SequenceForm {
  uint8_t first_low, first_high;    // of the first byte
  uint8_t second_low, second_high;  // of the second: keeps out overlong forms and surrogates
  size_t length;
};

// RFC 3629 4.
constexpr SequenceForm kForms[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

// How many bytes the well-formed sequence at the front of `text` has; 0 when there is none.
size_t sequence_length(std::string_view text) {
  const auto byte = [text](size_t at) { return static_cast<uint8_t>(text[at]); };
  for (const SequenceForm& form : kForms) {
    if (byte(0) < form.first_low || byte(0) > form.first_high) continue;
    if (text.size() < form.length) return 0;
    if (form.length > 1 && (byte(1) < form.second_low || byte(1) > form.second_high)) return 0;
    for (size_t i = 2; i < form.length; ++i) {
      if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
    }
    return form.length;
  }
  return 0;
}

}  // namespace

std::string valid_utf8(std::string_view text, size_t max_bytes) {
  std::string valid;
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    const std::string_view next = length == 0 ? "?" : text.substr(0, length);
    if (valid.size() + next.size() > max_bytes) break;
    valid += next;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

}  // namespace mayfly::wire
