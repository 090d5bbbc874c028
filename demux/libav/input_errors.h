#pragma once

#include <string>

#include "core/result.h"

namespace mayfly {

// What there is to say of a path before libavformat sees it: that it is not there, a folder, empty.
[[nodiscard]] Result<void> check_file(const std::string& name);

// Of libav's error numbers.
[[nodiscard]] ErrorCode error_code_of(int error_number);
// One sentence that names the file or URL.
[[nodiscard]] tl::unexpected<Error> cannot_open(const std::string& name, int error_number);

}  // namespace mayfly
