#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "emulator/blocked_signals.h"
#include "emulator/emulated_network.h"
#include "emulator/link_report.h"
#include "emulator/listening_port.h"
#include "emulator/packet_log.h"
#include "emulator/packet_pump.h"
#include "netsim/link_model.h"
#include "runtime/event_loop.h"

namespace mayfly {

// The programs at the ends of an emulated link, from the start of the first to the end of the last.
// The link begins when the command does, and lasts until what the command sent has come out.
class LinkSession {
 public:
  struct Plan {
    PathModel path;
    std::vector<std::string> command;      // at the near end; never empty
    std::string server{};                  // a shell's line for the far end; empty: none
    std::optional<ListeningPort> ready{};  // where the server listens before the command starts
  };

  // `log` may be null; everything must outlive the session.
  LinkSession(EventLoop& loop, EmulatedNetwork& network, const Plan& plan, PacketLog* log);

  // The command's exit status. Fails when a program could not be started (NotFound, Unsupported),
  // or the server never listened (Timeout, Closed). No program is left behind either way.
  [[nodiscard]] Result<int> run();
  // What the link did, after run().
  [[nodiscard]] LinkReport report();

 private:
  [[nodiscard]] Result<void> start_server();
  void wait_until_ready();
  void start_command();
  void on_signals();
  void on_signal(const BlockedSignals::Arrival& arrival);
  void reap();
  void linger();
  void end_server();
  void end_with(Error error);
  void end();

  EventLoop& loop_;
  EmulatedNetwork& network_;
  const Plan& plan_;
  PacketLog* log_;
  std::unique_ptr<BlockedSignals> signals_;
  std::unique_ptr<PacketPump> pump_;
  std::unique_ptr<Timer> timer_;  // for what the session waits for: first the server, then packets
  Timestamp ready_deadline_{};
  std::optional<pid_t> server_;  // while it runs
  std::optional<pid_t> server_group_;
  std::optional<pid_t> command_;  // while it runs
  // How it ends is decided: what programs do from here on changes nothing of it.
  bool is_ending_ = false;
  Result<int> result_ = 0;
  std::optional<LinkReport> report_;
};

}  // namespace mayfly
