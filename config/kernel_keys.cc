#include "config/kernel_keys.h"

#include <fmt/format.h>

namespace mayfly {

Result<IpEndpoint> parse_host_address(const std::string& text) {
  ASSIGN_OR_RETURN(const IpEndpoint address, IpEndpoint::parse(text, 0));
  if (address.port == 0 && !address.is_any() && text.find('[') == std::string::npos) return address;
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not one address without a port, like \"192.0.2.1\"", text));
}

}  // namespace mayfly
