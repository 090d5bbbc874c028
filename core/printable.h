#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mayfly {

// Text that a peer, or whoever named a file, chose, as it may be shown: control characters, which
// could rewrite a terminal or begin a line of a log, become '?', and what is longer than
// `most_bytes` is cut.
[[nodiscard]] std::string printable(std::string_view text,
                                    size_t most_bytes = std::string_view::npos);
// The same as the value of a field in a line of a log: in double quotes, with none inside.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace mayfly
