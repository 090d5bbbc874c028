#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/setting.h"
#include "core/result.h"

namespace mayfly {

// All values of a TOML document with their full path and line, in the order of the document. Fails
// with Malformed, `line: what`, when it is no TOML.
[[nodiscard]] Result<std::vector<Setting>> read_toml(std::string_view document);

// The keys as a commented document: sections in the order they come, a comment above every key, and
// a key without a value commented out with its example.
[[nodiscard]] std::string write_toml(const std::vector<KeyDescription>& keys);

// A text as TOML writes it: quoted, with escapes where needed.
[[nodiscard]] std::string toml_text(std::string_view text);
// The values of a key of this kind as TOML.
[[nodiscard]] std::string toml_value(ValueKind kind, const std::vector<std::string>& values);

}  // namespace mayfly
