#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/config_checks.h"
#include "cli/config_options.h"
#include "cli/log_sink.h"
#include "cli/media_opening.h"
#include "cli/network.h"
#include "cli/operator_log.h"
#include "cli/output.h"
#include "cli/reader_log.h"
#include "config/serve_config.h"
#include "core/printable.h"
#include "netsim/link_model.h"
#include "runtime/resolver.h"
#include "server/server.h"
#include "server/session_table.h"
#include "server/ts_server.h"
#include "transport/kernel/socket_settings.h"

namespace mayfly {
namespace {

struct ServeCommand {
  ConfigOverrides overrides;
  std::vector<std::string> media;
  std::string config_file;
  bool quiet = false;
  bool print_config = false;
};

ServerOptions server_options(const ServeConfig& config) {
  ServerOptions options;
  options.most_sessions = config.limits.sessions;
  options.session.policy = config.delivery;
  options.session.usual_playout_delay = config.playout_delay.usual;
  options.session.shortest_playout_delay = config.playout_delay.shortest;
  options.session.longest_playout_delay = config.playout_delay.longest;
  options.session.report_interval = config.report_interval;
  options.session.idle_limit = config.limits.idle;
  options.session.silence_limit = config.limits.silence;
  options.session.stall_limit = config.limits.stall;
  return options;
}

TsServerOptions ts_server_options(const ServeConfig& config) {
  TsServerOptions options;
  options.most_readers = config.limits.sessions;
  options.feed.delivery = config.ts.by_class ? TsDelivery::ByClass : TsDelivery::Reliable;
  options.feed.ending = config.ts.ends_with_abort ? TsEnding::Abort : TsEnding::Shutdown;
  options.feed.loop = config.ts.loop;
  options.feed.policy = config.delivery;
  options.feed.playout_delay = config.playout_delay.usual;
  options.feed.stall_limit = config.limits.stall;
  return options;
}

// The addresses of a URL to listen at. Runs the loop while names are looked up.
Result<std::vector<IpEndpoint>> addresses_of(const ClipUrl& url, EventLoop& loop) {
  Resolver resolver(loop);
  std::vector<IpEndpoint> all;
  Result<void> outcome;
  for (const std::string& host : url.hosts) {
    resolver.resolve(host, url.port, [&](Result<std::vector<IpEndpoint>> found) {
      if (found) {
        all.push_back(found->front());
      } else {
        outcome = failure(std::move(found).error());
      }
      loop.stop();
    });
    loop.run();
    RETURN_IF_ERROR(outcome);
  }
  return all;
}

Result<std::unique_ptr<Listener>> listen_at(const ClipUrl& url, Network& network, EventLoop& loop) {
  ASSIGN_OR_RETURN(auto addresses, addresses_of(url, loop));
  ASSIGN_OR_RETURN(auto listener, network.listen(url, std::move(addresses)));
  // Under the kernel's SCTP over UDP the listener's own port is not what players connect to.
  const bool is_encapsulated = url.scheme == ClipUrl::Scheme::SctpOverUdp &&
                               network.stack_for(url.scheme) == TransportChoice::Kernel;
  for (const IpEndpoint& local : listener->local()) {
    ClipUrl at = url;
    at.hosts = {address_text(local)};
    if (!is_encapsulated) at.port = local.port;
    spdlog::info("listening url={}", to_string(at));
  }
  return listener;
}

// What listens for players, and for readers of MPEG-TS.
struct Listeners {
  std::vector<std::unique_ptr<Listener>> players;
  std::vector<TsServer::Port> readers;
};

Result<Listeners> listen_at_all(const std::vector<ClipUrl>& urls, const ClipCatalogue& catalogue,
                                Network& network, EventLoop& loop) {
  Listeners listeners;
  for (const ClipUrl& url : urls) {
    if (url.scheme == ClipUrl::Scheme::TsOverSctp) {
      auto clip = ts_clip(catalogue, url.clip);
      if (!clip) return failure(clip.error().in("listen at " + to_string(url)));
      ASSIGN_OR_RETURN(auto listener, listen_at(url, network, loop));
      listeners.readers.push_back({std::move(listener), std::move(*clip)});
    } else {
      ASSIGN_OR_RETURN(auto listener, listen_at(url, network, loop));
      listeners.players.push_back(std::move(listener));
    }
  }
  return listeners;
}

Result<ClipCatalogue> collect_clips(const std::vector<std::string>& media) {
  ClipCatalogue::Problems problems;
  ClipCatalogue catalogue = ClipCatalogue::collect(media, media_opener(), problems);
  if (catalogue.empty() && problems.size() == 1) {
    return failure(problems.front().in("nothing to serve"));
  }
  for (const Error& problem : problems) spdlog::warn("left out: {}", problem.message);
  if (!catalogue.empty()) return catalogue;
  return failure(ErrorCode::NotFound,
                 problems.empty()
                     ? "nothing to serve: there is no clip in what was named"
                     : fmt::format("nothing to serve: none of {} files can be", problems.size()));
}

// What the config and the command line ask for, understood before anything is touched.
struct ServePlan {
  ServeConfig config;
  std::vector<ClipUrl> listen;
  Network::Options network;
};

CommandResult check_stacks(const ServePlan& plan, const Network& network) {
  if (auto fits = network.check_kernel_options(plan.listen); !fits) {
    return wrong_usage(fits.error());
  }
  return {};
}

// Tells the operator, once, of whole frames that the kernel will not take whole.
void tell_shortfall(const ServePlan& plan, const Network& network) {
  const auto is_whole = [](const Delivery& each) { return each.message == MessageForm::Frame; };
  const auto is_kernel = [&](const ClipUrl& url) {
    return network.stack_for(url.scheme) == TransportChoice::Kernel;
  };
  if (!std::ranges::any_of(plan.config.delivery.classes, is_whole)) return;
  if (!std::ranges::any_of(plan.listen, is_kernel)) return;
  const auto shortfall = send_buffer_shortfall(plan.config.transport_options);
  if (shortfall) spdlog::warn("{}", *shortfall);
}

Result<ServePlan> plan_for(ServeConfig config) {
  ServePlan plan;
  plan.network = {config.transport, config.transport_options, config.kernel_options, std::nullopt};
  if (!config.impair.empty()) {
    ASSIGN_OR_RETURN(plan.network.impairment, parse_path_model(config.impair));
  }
  for (const std::string& text : config.listen) {
    ASSIGN_OR_RETURN(ClipUrl url, ClipUrl::parse_listening(text));
    plan.listen.push_back(std::move(url));
  }
  plan.config = std::move(config);
  return plan;
}

// A line of figures every now and then while somebody is there, and a table for who asks.
class StatisticsTicker {
 public:
  StatisticsTicker(EventLoop& loop, Duration interval, const Server& server,
                   const TsServer& ts_server)
      : interval_(interval),
        server_(server),
        ts_server_(ts_server),
        timer_(loop.create([this] { tick(); })) {
    if (interval_ > Duration::zero()) timer_->start(interval_);
    loop.set_on_user_signal([this] {
      write_to_stderr(session_table(server_.sessions()) + reader_table(ts_server_.readers()));
    });
  }

 private:
  void tick() {
    timer_->start(interval_);
    for (const std::string& line :
         {statistics_line(server_.sessions()), reader_statistics_line(ts_server_.readers())}) {
      if (!line.empty()) spdlog::info("{}", line);
    }
  }

  const Duration interval_;
  const Server& server_;
  const TsServer& ts_server_;
  std::unique_ptr<Timer> timer_;
};

CommandResult serve_until_signalled(const ServePlan& plan) {
  const ServeConfig& config = plan.config;
  EventLoop loop;
  Network network(loop, plan.network);
  RETURN_IF_ERROR(check_stacks(plan, network));
  ASSIGN_OR_RETURN(ClipCatalogue catalogue, collect_clips(config.media));
  OperatorLog log(loop, loop);
  ReaderLog reader_log;
  for (const auto& [name, clip] : catalogue.clips()) spdlog::info("clip name={}", in_quotes(name));
  ASSIGN_OR_RETURN(auto listeners, listen_at_all(plan.listen, catalogue, network, loop));
  tell_shortfall(plan, network);
  const auto open = async_media_opener(loop);
  Server server(std::move(listeners.players), std::move(catalogue), open, loop, loop, log,
                server_options(config));
  TsServer ts_server(std::move(listeners.readers), open, loop, loop, reader_log,
                     ts_server_options(config));
  StatisticsTicker ticker(loop, config.statistics_interval, server, ts_server);
  loop.set_on_signal([&](int) {
    spdlog::info("saying goodbye players={} readers={}", server.session_count(),
                 ts_server.reader_count());
    const std::string why = "the server is going down";
    // One after the other, so that the loop ends when both are done.
    server.shut_down(
        why, [&ts_server, &loop, why] { ts_server.shut_down(why, [&loop] { loop.stop(); }); });
  });
  loop.run();
  return {};
}

CommandResult serve(const ServeCommand& command) {
  ServeConfig config;
  if (!command.config_file.empty()) {
    ASSIGN_OR_RETURN(config, read_serve_config(command.config_file, config_checks()));
  }
  if (auto done = set(config, command.overrides.overrides()); !done) {
    return wrong_usage(done.error());
  }
  // What the command line serves comes on top of what the file does.
  config.media.insert(config.media.end(), command.media.begin(), command.media.end());
  const auto plan = plan_for(config);
  if (!plan) return wrong_usage(plan.error());
  if (command.print_config) {
    RETURN_IF_ERROR(write_to_stdout(to_toml(config)));
    return {};
  }
  if (config.media.empty()) {
    return wrong_usage({ErrorCode::InvalidArgument,
                        "nothing to serve: name a clip or a folder, as in mayfly serve clip.mp4"});
  }
  outlive_readers();
  auto logger = std::make_shared<spdlog::logger>("mayfly", std::make_shared<LogSink>());
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  if (command.quiet) logger->set_level(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  return serve_until_signalled(*plan);
}

void describe(CLI::App& app, ServeCommand& command) {
  const auto keys = keys_of(ServeConfig{});
  ConfigOverrides& overrides = command.overrides;
  app.add_option("MEDIA", command.media,
                 "Files, folders with all below them, live inputs as NAME=URL");
  app.add_option("-c,--config", command.config_file, "A TOML file; config/serve.toml has all keys")
      ->type_name("FILE");
  overrides
      .add_alias(app, "--listen", key_named(keys, "listen"),
                 "Where players find it; may be given several times. "
                 "mayfly://ADDRESS:PORT is SCTP over UDP, mayfly+sctp:// the kernel's SCTP, "
                 "sctp+ts://:PORT[/CLIP] MPEG-TS over SCTP for players such as ffmpeg")
      ->type_name("URL")
      ->default_str(ServeConfig{}.listen.front());
  overrides
      .add_alias(app, "--policy", key_named(keys, "delivery.policy"),
                 "How frames are sent: prioritised, all-reliable, all-expiring, unreliable")
      ->type_name("NAME")
      ->default_str("prioritised");
  overrides
      .add_alias(app, "--impair", key_named(keys, "impair"),
                 "A bad link under this server's UDP, "
                 "\"loss=3%,delay=20ms,rate=4Mbit/s,seed=7\"")
      ->type_name("LINK");
  overrides
      .add_alias(app, "--transport", key_named(keys, "transport.stack"),
                 "auto: as the URL says; kernel; usrsctp; engine: mayfly's own")
      ->type_name("STACK");
  overrides
      .add_alias(app, "--socket-style", key_named(keys, "transport.kernel.socket_style"),
                 "How the kernel's SCTP serves players: one-to-many, all from one socket; "
                 "one-to-one, each from its own")
      ->type_name("STYLE");
  app.add_flag("-q,--quiet", command.quiet, "Logs warnings only");
  app.add_flag("--print-config", command.print_config,
               "Prints the effective config with the meaning of every key, and ends");
  overrides.add_options(app, keys);
  app.footer(
      "\nEvery key of the config is an option too: --delivery.b.lifetime 60ms.\n"
      "SIGINT and SIGTERM say goodbye to the players and end with status 0.\n"
      "SIGUSR1 prints a table of the players, with their paths and streams, and of\n"
      "readers of MPEG-TS.\n"
      "\nExample: serve a folder, giving B frames 60 ms to arrive\n"
      "  mayfly serve ~/videos --delivery.b.lifetime 60ms\n"
      "Example: let any ffmpeg read a clip, as in ffplay sctp://HOST:9000\n"
      "  mayfly serve clip.mp4 --listen sctp+ts://:9000");
}

}  // namespace

void add_serve_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command = app.add_subcommand("serve", "Serves clips to any number of players");
  const auto options = std::make_shared<ServeCommand>();
  describe(*command, *options);
  command->callback([options, &chosen] { chosen = [options] { return serve(*options); }; });
}

}  // namespace mayfly
