#pragma once

#include <array>
#include <functional>
#include <string>

#include "transport/transport.h"

namespace mayfly {

// What netem does to what leaves a host.
struct PathImpairment {
  std::string delay = "0ms";
  std::string loss = "0%";
  std::string rate{};     // "20mbit"; empty: unlimited
  uint32_t limit = 5000;  // packets that wait; more are lost

  friend bool operator==(const PathImpairment&, const PathImpairment&) = default;
};

// Two hosts as network namespaces of this machine, joined by two cables. On cable N the client has
// 10.0.N.1, fd00:N::1 and fe80::1, the server 10.0.N.2, fd00:N::2 and fe80::2, on the interfaces cN
// and sN. Needs root and changes the machine, so it is for guests only.
class TwoHosts {
 public:
  // The one pair of this process, as the last user left it. Setting it up takes seconds in a guest.
  [[nodiscard]] static TwoHosts& get();
  ~TwoHosts();
  TwoHosts(const TwoHosts&) = delete;
  TwoHosts& operator=(const TwoHosts&) = delete;

  // Runs `work` on a host: sockets opened in it belong there for good.
  void on_client(const std::function<void()>& work) const { on("client", work); }
  void on_server(const std::function<void()>& work) const { on("server", work); }
  // Moves the calling thread to a host for good: for a new process before it runs a program.
  static void stay_on_client() { stay_on("client"); }
  static void stay_on_server() { stay_on("server"); }
  // Pulls a cable out at the server, or puts it in again.
  void pull(size_t cable) const;
  void plug_in(size_t cable) const;
  // Both directions of a cable, instead of what was before.
  void impair(size_t cable, const PathImpairment& impairment);
  // Pulls a cable out of the client, or puts it back. At once: no program is run for it.
  void set_plugged(size_t cable, bool plugged) const;
  // Packets that the server sent into a cable so far.
  [[nodiscard]] uint64_t packets_from_server(size_t cable) const;
  // A network setting of the host that one is on: "sctp/udp_port".
  static void set_sysctl(const std::string& name, const std::string& value);

  [[nodiscard]] static IpEndpoint client_address(size_t cable, uint16_t port);
  [[nodiscard]] static IpEndpoint server_address(size_t cable, uint16_t port);

 private:
  TwoHosts();
  void on(const std::string& host, const std::function<void()>& work) const;
  static void stay_on(const std::string& host);

  static constexpr size_t kCables = 2;
  std::array<PathImpairment, kCables> impairments_;
  int home_;  // the namespace the process began in
};

}  // namespace mayfly
