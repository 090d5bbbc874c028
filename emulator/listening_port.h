#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace mayfly {

// A port that a program waits at: "tcp:8000", "udp:9899".
struct ListeningPort {
  enum class Protocol : uint8_t { Tcp, Udp };

  Protocol protocol = Protocol::Tcp;
  uint16_t port = 0;

  [[nodiscard]] static Result<ListeningPort> parse(std::string_view text);
  friend bool operator==(const ListeningPort&, const ListeningPort&) = default;
};

[[nodiscard]] std::string to_text(const ListeningPort& port);

// Whether somebody waits there, according to a table of sockets in the format of /proc/net/tcp,
// tcp6, udp or udp6 (proc(5)), which must be of the port's protocol.
[[nodiscard]] bool is_listened_on(std::string_view socket_table, const ListeningPort& port);

// Whether somebody waits there in the network of a process.
[[nodiscard]] bool is_listened_on(int process, const ListeningPort& port);

}  // namespace mayfly
