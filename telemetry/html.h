#pragma once

#include <string>
#include <string_view>

namespace mayfly {

// Text made safe between tags and inside quoted attributes. Control characters become '?', bytes
// that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace mayfly
