#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mayfly {

// The known name that was probably meant by `name`, or none that is near enough to be of help.
// Names may be paths: "rto_min" finds "transport.rto_min".
[[nodiscard]] std::optional<std::string> nearest(std::string_view name,
                                                 const std::vector<std::string>& known);

// `; did you mean "prioritised"?`, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       const std::vector<std::string>& known);

}  // namespace mayfly
