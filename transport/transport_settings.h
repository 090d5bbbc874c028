#pragma once

#include <string>

namespace mayfly {

// A setting of a stack as mayfly uses it, for people: `mayfly doctor` prints them in the stack's
// order. `value` and `stack_default` are read back from the stack where it can tell them.
struct TransportSetting {
  std::string name;           // as the stack's documentation calls it: "SCTP_RTOINFO srto_max"
  std::string value;          // with its unit: "400ms"
  std::string stack_default;  // what the stack does by itself: "60s"
  std::string reason;         // one sentence

  friend bool operator==(const TransportSetting&, const TransportSetting&) = default;
};

}  // namespace mayfly
