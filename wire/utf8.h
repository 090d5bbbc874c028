#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mayfly::wire {

// The text with every byte that is no part of a well-formed UTF-8 sequence (RFC 3629) replaced by
// "?", cut between characters to at most `max_bytes`. Texts for people may hold anything, a file's
// name for example, and a peer refuses a text that is not UTF-8.
[[nodiscard]] std::string valid_utf8(std::string_view text, size_t max_bytes);

}  // namespace mayfly::wire
