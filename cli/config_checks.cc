#include "cli/config_checks.h"

#include "client/url.h"
#include "netsim/link_model.h"

namespace mayfly {

ValueChecks config_checks() {
  return {{"listen",
           [](const std::string& url) -> Result<void> {
             RETURN_IF_ERROR(ClipUrl::parse_listening(url));
             return {};
           }},
          {"impair", [](const std::string& link) -> Result<void> {
             if (!link.empty()) RETURN_IF_ERROR(parse_path_model(link));
             return {};
           }}};
}

}  // namespace mayfly
