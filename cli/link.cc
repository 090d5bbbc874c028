#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/link_session.h"
#include "cli/output.h"
#include "cli/parsed_option.h"
#include "core/quantity.h"
#include "emulator/emulated_network.h"

namespace mayfly {
namespace {

// As env(1), nohup(1) and shells have it.
constexpr int kCannotExecute = 126;
constexpr int kNoSuchProgram = 127;

struct LinkCommand {
  LinkSession::Plan plan;
  FarEnd far_end = FarEnd::Auto;
  uint32_t mtu = 1500;
  std::string log;
  bool quiet = false;
};

Result<FarEnd> parse_far_end(const std::string& text) {
  if (text == "auto") return FarEnd::Auto;
  if (text == "here") return FarEnd::Here;
  if (text == "own") return FarEnd::Own;
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("\"{}\" is not one of auto, here, own", text));
}

Result<uint32_t> parse_mtu(const std::string& text) {
  // The least that IPv4 allows (RFC 791), and the most that the kernel does for a TUN device.
  ASSIGN_OR_RETURN(const int64_t mtu, parse_integer(text, 68, 65'521));
  return static_cast<uint32_t>(mtu);
}

std::vector<std::string> users_shell() {
  const char* shell = std::getenv("SHELL");
  return {shell != nullptr && *shell != '\0' ? shell : "/bin/sh"};
}

Result<void> check(LinkCommand& command) {
  const bool has_server = !command.plan.server.empty();
  if (command.plan.ready && !has_server) {
    return failure(ErrorCode::InvalidArgument,
                   "--ready is about the program that --server starts; leave it out, or give that");
  }
  if (has_server && command.far_end == FarEnd::Here) {
    return failure(ErrorCode::InvalidArgument,
                   "--server runs in a network of its own; leave out --far here");
  }
  if (has_server) command.far_end = FarEnd::Own;
  command.plan.command = words_after_dashes();
  if (command.plan.command.empty()) command.plan.command = users_shell();
  return {};
}

CommandError as_shells_do(Error error) {
  CommandError told(std::move(error));
  if (told.code == ErrorCode::NotFound) told.status = kNoSuchProgram;
  if (told.code == ErrorCode::Unsupported) told.status = kCannotExecute;
  return told;
}

CommandResult link(LinkCommand& command) {
  if (auto checked = check(command); !checked) return wrong_usage(checked.error());
  std::unique_ptr<PacketLog> log;
  if (!command.log.empty()) {
    ASSIGN_OR_RETURN(
        log, PacketLog::create(command.log, packet_log_header(command.plan.path, command_line())));
  }
  auto network = make_emulated_network(command.far_end, command.mtu);
  if (!network) return failure(network.error());
  EventLoop loop;
  LinkSession session(loop, *network, command.plan, log.get());
  const Result<int> status = session.run();
  if (!status) return tl::unexpected(as_shells_do(status.error()));
  if (!command.quiet) write_to_stderr(to_text(session.report()));
  if (log) {
    if (const auto written = log->finish(); !written) {
      CommandError lost(written.error());
      // What the command has to say counts more.
      if (*status != 0) lost.status = *status;
      return tl::unexpected(std::move(lost));
    }
  }
  return Finished{*status};
}

}  // namespace

void add_link_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command = app.add_subcommand(
      "link", "Runs any program behind an emulated link: loss, delay, rate, queue, traces");
  const auto options = std::make_shared<LinkCommand>();
  add_parsed_option(
      *command, "SPEC", options->plan.path, parse_path_model,
      "The link, as --impair of serve and play has it: loss=2%, delay=50ms, "
      "rate=4Mbit/s, queue=300ms, jitter=5ms, trace=FILE, seed=7 and more; up is what "
      "PROGRAM sends",
      "")
      ->required();
  command
      ->add_option("--server", options->plan.server,
                   "A shell's line to run at the far end, in a network of its own; it is ended "
                   "when PROGRAM has")
      ->type_name("LINE");
  add_parsed_option(*command, "--ready", options->plan.ready, ListeningPort::parse,
                    "Starts PROGRAM when the server listens there: tcp:8000, udp:9899", "PORT");
  add_parsed_option(*command, "--far", options->far_end, parse_far_end,
                    "Where the far end is: here, the network mayfly is started in (for root, and "
                    "behind another link); own, one with nothing else in it; auto, here where it "
                    "can be",
                    "WHERE", "auto");
  add_parsed_option(*command, "--mtu", options->mtu, parse_mtu,
                    "The largest packet; below 1280 there is no IPv6", "BYTES", "1500");
  command->add_option("--log", options->log, "Writes the fate of every packet (docs/LINK.md)")
      ->type_name("FILE");
  command->add_flag("--quiet", options->quiet, "No statistics at the end");
  command->footer(
      "\nBehind SPEC stands -- and the PROGRAM with its own arguments; without, it is\n"
      "your shell. PROGRAM finds the far end's address in $MAYFLY_LINK_SERVER and its\n"
      "own in $MAYFLY_LINK_CLIENT (for IPv6 with a 6 behind). The exit status is\n"
      "PROGRAM's, 127 when there is no such program. Links nest.\n"
      "\nExample: what HTTP makes of 2 % loss, and two links one behind the other\n"
      "  mayfly link loss=2%,delay=50ms,rate=4Mbit/s,seed=7 --ready tcp:8000 \\\n"
      "    --server \"python3 -m http.server 8000\" -- \\\n"
      "    sh -c 'curl -O http://$MAYFLY_LINK_SERVER:8000/clip.mp4'\n"
      "  mayfly link delay=20ms -- mayfly link loss=5% -- \\\n"
      "    sh -c 'ping -c 20 $MAYFLY_LINK_SERVER'");
  command->callback([options, &chosen] { chosen = [options] { return link(*options); }; });
}

}  // namespace mayfly
