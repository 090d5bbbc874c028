#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/transport_options.h"

namespace mayfly {

// Which stack to use. Auto: the one the URL's scheme asks for.
enum class TransportChoice : uint8_t { Auto, Kernel, Usrsctp, Engine };

[[nodiscard]] std::vector<std::pair<std::string, TransportChoice>> transport_choices();
// "auto", "kernel", "usrsctp", "engine"
[[nodiscard]] std::string_view to_string(TransportChoice choice);

}  // namespace mayfly
