#pragma once

#include <cstdint>
#include <string>

#include "config/transport_choice.h"

namespace mayfly::testing {

// Which SCTP the programs under test talk over: usrsctp over UDP, on any machine; in the guest the
// kernel's, over IP.
[[nodiscard]] TransportChoice transport_under_test();
void set_transport_under_test(TransportChoice choice);
// What --transport calls it.
[[nodiscard]] std::string transport_name();

// "mayfly://127.0.0.1:9899/", or with mayfly+sctp:// for the kernel.
[[nodiscard]] std::string url_at(const std::string& address, uint16_t port);

}  // namespace mayfly::testing
