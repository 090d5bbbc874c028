#include "tests/integration/transport_under_test.h"

namespace mayfly::testing {
namespace {

TransportChoice chosen = TransportChoice::Usrsctp;

}  // namespace

TransportChoice transport_under_test() { return chosen; }

void set_transport_under_test(TransportChoice choice) { chosen = choice; }

std::string transport_name() { return std::string(to_string(chosen)); }

std::string url_at(const std::string& address, uint16_t port) {
  const std::string scheme = chosen == TransportChoice::Kernel ? "mayfly+sctp://" : "mayfly://";
  return scheme + address + ':' + std::to_string(port) + '/';
}

}  // namespace mayfly::testing
