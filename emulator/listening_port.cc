#include "emulator/listening_port.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "core/quantity.h"

namespace mayfly {
namespace {

const char* name_of(ListeningPort::Protocol protocol) {
  return protocol == ListeningPort::Protocol::Tcp ? "tcp" : "udp";
}

}  // namespace

Result<ListeningPort> ListeningPort::parse(std::string_view text) {
  constexpr size_t kPrefix = 4;
  const std::string_view protocol = text.substr(0, kPrefix);
  const auto port = parse_integer(text.substr(std::min(kPrefix, text.size())), 1, 65'535);
  if ((protocol != "tcp:" && protocol != "udp:") || !port) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("\"{}\" is not a port like tcp:8000 or udp:9899", text));
  }
  return ListeningPort{protocol == "tcp:" ? Protocol::Tcp : Protocol::Udp,
                       static_cast<uint16_t>(*port)};
}

std::string to_text(const ListeningPort& port) {
  return fmt::format("{}:{}", name_of(port.protocol), port.port);
}

bool is_listened_on(std::string_view socket_table, const ListeningPort& port) {
  // A TCP socket that listens; a UDP socket that is connected to nobody.
  const std::string wanted_state = port.protocol == ListeningPort::Protocol::Tcp ? "0A" : "07";
  const std::string wanted_port = fmt::format(":{:04X}", port.port);
  std::istringstream lines{std::string(socket_table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    words >> number >> local >> remote >> state;
    if (local.ends_with(wanted_port) && state == wanted_state) return true;
  }
  return false;
}

bool is_listened_on(int process, const ListeningPort& port) {
  for (const char* family : {"", "6"}) {
    std::ifstream table(fmt::format("/proc/{}/net/{}{}", process, name_of(port.protocol), family));
    std::ostringstream text;
    text << table.rdbuf();
    if (is_listened_on(text.str(), port)) return true;
  }
  return false;
}

}  // namespace mayfly
