#include "telemetry/html.h"

#include <array>
#include <cstdint>

namespace mayfly {
namespace {

struct SequenceForm {
  unsigned char mask;
  unsigned char lead;
  size_t length;
  uint32_t smallest;  // anything less has a shorter form, which must be used (RFC 3629 3)
};
constexpr std::array kForms = {SequenceForm{0x80, 0x00, 1, 0x0}, SequenceForm{0xe0, 0xc0, 2, 0x80},
                               SequenceForm{0xf0, 0xe0, 3, 0x800},
                               SequenceForm{0xf8, 0xf0, 4, 0x10000}};

// Length of the UTF-8 sequence at the front of `text`; 0 when there is none.
size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  for (const SequenceForm& form : kForms) {
    if ((first & form.mask) != form.lead) continue;
    if (text.size() < form.length) return 0;
    uint32_t code = first & static_cast<unsigned char>(~form.mask);
    for (size_t i = 1; i < form.length; ++i) {
      const auto next = static_cast<unsigned char>(text[i]);
      if ((next & 0xc0) != 0x80) return 0;
      code = code << 6 | (next & 0x3fU);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < form.smallest || code > 0x10ffff || surrogate ? 0 : form.length;
  }
  return 0;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    const auto code = static_cast<unsigned char>(text.front());
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (length > 1) {
      out += text.substr(0, length);
    } else if (code < 0x20 && code != '\n' && code != '\t') {
      out += '?';
    } else {
      switch (text.front()) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += text.front();
      }
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace mayfly
