#include "cli/link_session.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "cli/output.h"
#include "emulator/program_start.h"

namespace mayfly {
namespace {

constexpr Duration kReadyLimit = 10s;
constexpr Duration kReadyInterval = 10ms;
// What the command sent last is waited for, but nobody waits for a link of hours.
constexpr Duration kLongestLinger = 5s;
// A server that is told to end may write its files first.
constexpr Duration kServerEndLimit = 3s;
constexpr int kSignalled = 128;

}  // namespace

LinkSession::LinkSession(EventLoop& loop, EmulatedNetwork& network, const Plan& plan,
                         PacketLog* log)
    : loop_(loop), network_(network), plan_(plan), log_(log) {}

Result<int> LinkSession::run() {
  ASSIGN_OR_RETURN(signals_, BlockedSignals::create());
  // Children of the server that outlive it are ours, to be waited for like the server.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto watch = loop_.watch(signals_->descriptor(), [this] { on_signals(); }, {});
  if (!plan_.server.empty()) RETURN_IF_ERROR(start_server());
  if (plan_.ready) {
    ready_deadline_ = loop_.now() + kReadyLimit;
    timer_ = loop_.create([this] { wait_until_ready(); });
    timer_->start(Duration::zero());
  } else {
    start_command();
  }
  loop_.run();
  end();
  end_server();
  report_ = report();
  pump_.reset();
  return result_;
}

Result<void> LinkSession::start_server() {
  ASSIGN_OR_RETURN(server_, start_program({.command = {"/bin/sh", "-c", plan_.server},
                                           .network = network_.far.network,
                                           .environment = network_.environment(),
                                           .in_background = true},
                                          signals_->mask_before()));
  server_group_ = server_;
  return {};
}

void LinkSession::wait_until_ready() {
  if (server_ && is_listened_on(*server_, *plan_.ready)) return start_command();
  if (loop_.now() >= ready_deadline_) {
    return end_with(
        {ErrorCode::Timeout, fmt::format("nobody listened at {} of the far end within {:.0f} s",
                                         to_text(*plan_.ready), to_seconds(kReadyLimit))});
  }
  timer_->start(kReadyInterval);
}

void LinkSession::start_command() {
  PacketPump::Observer observer;
  if (log_ != nullptr) {
    observer = [this](LinkDirection direction, const PacketRecord& record) {
      log_->add(direction, record);
    };
  }
  pump_ = std::make_unique<PacketPump>(
      network_.near.device.descriptor.get(), network_.far.device.descriptor.get(),
      PacketPump::links_of(plan_.path, loop_.now()), loop_, loop_, loop_, std::move(observer));
  const auto started = start_program({.command = plan_.command,
                                      .network = network_.near.network,
                                      .environment = network_.environment()},
                                     signals_->mask_before());
  if (!started) return end_with(started.error());
  command_ = *started;
}

void LinkSession::on_signals() {
  while (const auto arrival = signals_->next()) on_signal(*arrival);
}

void LinkSession::on_signal(const BlockedSignals::Arrival& arrival) {
  if (arrival.number == SIGCHLD) return reap();
  if (command_) {
    // The command decides what it means, and how to end.
    if (!arrival.is_from_terminal) kill(*command_, arrival.number);
    return;
  }
  if (!pump_) result_ = kSignalled + arrival.number;  // the command was never started
  end();
}

void LinkSession::reap() {
  int status = 0;
  while (true) {
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended <= 0) return;
    if (command_ == ended) {
      command_.reset();
      result_ = exit_status_of(status);
      linger();
    } else if (server_ == ended) {
      server_.reset();
      if (is_ending_) continue;
      if (!pump_) {
        end_with({ErrorCode::Closed,
                  fmt::format("the server ended with status {} before it listened at {}",
                              exit_status_of(status), to_text(*plan_.ready))});
      } else if (command_ && status != 0) {
        write_to_stderr(fmt::format("mayfly: the server ended with status {} before the command\n",
                                    exit_status_of(status)));
      }
    }
  }
}

void LinkSession::linger() {
  const auto last = pump_->last_arrival();
  const Timestamp now = loop_.now();
  if (!last || *last <= now) return loop_.stop();
  timer_ = loop_.create([this] { loop_.stop(); });
  timer_->start(std::min(*last - now, kLongestLinger));
}

void LinkSession::end_server() {
  if (!server_group_) return;
  // The shell, and whatever it started and perhaps left behind.
  const pid_t group = *server_group_;
  kill(-group, SIGTERM);
  std::ignore = loop_.run_until([group] { return kill(-group, 0) != 0; }, kServerEndLimit);
  kill(-group, SIGKILL);
  while (waitpid(-group, nullptr, 0) > 0) {
  }
}

void LinkSession::end_with(Error error) {
  result_ = tl::unexpected(std::move(error));
  end();
}

void LinkSession::end() {
  is_ending_ = true;
  timer_.reset();
  loop_.stop();
}

LinkReport LinkSession::report() {
  if (report_) return *report_;
  LinkReport report{.path = plan_.path};
  if (!pump_) return report;
  report.length = pump_->age();
  report.up = pump_->stats(LinkDirection::Up);
  report.down = pump_->stats(LinkDirection::Down);
  report.refused = pump_->refused();
  for (LinkEnd* each : {&network_.near, &network_.far}) {
    report.overrun += each->routes.packets_dropped(each->device.index).value_or(0);
  }
  return report;
}

}  // namespace mayfly
