#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace mayfly {

// Results go to standard output. Fails when it cannot take them all (a full disk, a closed pipe).
[[nodiscard]] Result<void> write_to_stdout(std::string_view text);
// A whole file, in place of what was there.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text);
// Progress and tables go to standard error; whether anybody reads them does not matter: what would
// have to wait for a reader is left out.
void write_to_stderr(std::string_view text);
// From now on a pipe whose reader has gone fails to be written to, instead of ending the process:
// for what must go on without a reader. Programs started later inherit it.
void outlive_readers();
// Whether standard error takes PIPE_BUF bytes at least without waiting for its reader.
[[nodiscard]] bool stderr_takes_more();

// The width to write for: of the terminal on standard error, or 80.
[[nodiscard]] size_t terminal_columns();
[[nodiscard]] bool stderr_is_terminal();

}  // namespace mayfly
