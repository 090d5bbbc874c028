#include "core/printable.h"

#include <algorithm>

namespace mayfly {
namespace {

bool is_control(char each) {
  const auto code = static_cast<unsigned char>(each);
  return code < 0x20 || code == 0x7f;
}

// U+0080 to U+009F, which are two bytes each.
void replace_late_controls(std::string& text) {
  for (size_t at = text.find('\xc2'); at != std::string::npos; at = text.find('\xc2', at + 1)) {
    const unsigned next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0U;
    if (next >= 0x80 && next < 0xa0) text.replace(at, 2, "?");
  }
}

}  // namespace

std::string printable(std::string_view text, size_t most_bytes) {
  std::string clean(text.substr(0, most_bytes));
  std::replace_if(clean.begin(), clean.end(), is_control, '?');
  replace_late_controls(clean);
  return clean;
}

std::string in_quotes(std::string_view text) {
  std::string clean = printable(text);
  std::replace(clean.begin(), clean.end(), '"', '\'');
  return '"' + clean + '"';
}

}  // namespace mayfly
