#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/config_checks.h"
#include "cli/config_options.h"
#include "cli/output.h"
#include "cli/parsed_option.h"
#include "cli/player.h"
#include "cli/ts_player.h"
#include "core/printable.h"
#include "core/quantity.h"
#include "delivery/delivery_policy.h"
#include "netsim/link_model.h"
#include "telemetry/playback_json.h"
#include "telemetry/playback_report.h"
#include "telemetry/playback_table.h"
#include "telemetry/text.h"

namespace mayfly {
namespace {

struct PlayCommand {
  PlayerOptions player;
  ConfigOverrides overrides;
  std::string config_file;
  std::string stats_file;
  std::string report_file;
  bool json = false;
  bool print_config = false;
};

using ClassLifetime = std::pair<FrameClass, std::string>;

// "b=60ms"
Result<ClassLifetime> parse_class_lifetime(const std::string& text) {
  const size_t equals = text.find('=');
  const auto frame_class = frame_class_from(text.substr(0, equals));
  if (equals == std::string::npos || !frame_class) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("\"{}\" is not a class and its lifetime, like \"b=60ms\"", text));
  }
  RETURN_IF_ERROR(parse_lifetime(text.substr(equals + 1)));
  return ClassLifetime{*frame_class, text.substr(equals + 1)};
}

// The name last and whole, for it is what one types.
std::string catalogue_text(const std::vector<wire::CatalogueEntry>& clips) {
  std::string text;
  for (const wire::CatalogueEntry& clip : clips) {
    std::string tracks;
    for (const Track& track : clip.tracks) tracks += (tracks.empty() ? "" : ", ") + track.codec;
    text +=
        fmt::format("{:>9}  {:<24}  {}\n", clip.duration ? media_time_text(*clip.duration) : "live",
                    fitted(tracks, 24), printable(clip.name));
  }
  return text;
}

std::string catalogue_json(const std::vector<wire::CatalogueEntry>& clips) {
  auto json = nlohmann::ordered_json::array();
  for (const wire::CatalogueEntry& clip : clips) {
    auto tracks = nlohmann::ordered_json::array();
    for (const Track& track : clip.tracks) {
      tracks.push_back(
          {{"kind", track.kind == TrackKind::Video ? "video" : "audio"}, {"codec", track.codec}});
    }
    const auto duration = clip.duration ? nlohmann::ordered_json(to_milliseconds(*clip.duration))
                                        : nlohmann::ordered_json(nullptr);
    json.push_back({{"name", clip.name}, {"duration_ms", duration}, {"tracks", tracks}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

// What only a playout gives is refused rather than left out in silence.
Result<void> check_listing(const PlayCommand& command) {
  const bool records = command.player.config.sink != "auto" && command.player.config.sink != "none";
  if (!records && command.stats_file.empty() && command.report_file.empty()) return {};
  return failure(
      ErrorCode::InvalidArgument,
      to_string(command.player.url) +
          " names no clip, which only lists what there is: leave out --sink, --stats and "
          "--report, or name a clip");
}

CommandResult list_clips(const PlayCommand& command) {
  if (auto fits = check_listing(command); !fits) return wrong_usage(fits.error());
  Player player(command.player);
  if (auto fits = player.check(); !fits) return wrong_usage(fits.error());
  RETURN_IF_ERROR(player.run());
  RETURN_IF_ERROR(write_to_stdout(command.json ? catalogue_json(player.clips())
                                               : catalogue_text(player.clips())));
  return {};
}

Result<void> write_files(const PlayCommand& command, const PlaybackStats& stats) {
  if (!command.stats_file.empty()) RETURN_IF_ERROR(write_file(command.stats_file, to_json(stats)));
  if (command.report_file.empty()) return {};
  const PlaybackReport report{"mayfly: " + stats.clip, command_line(), {stats}};
  return write_file(command.report_file, html_report(report));
}

Result<void> print_results(const PlayCommand& command, const PlaybackStats& stats) {
  if (command.json) return write_to_stdout(to_json(stats));
  if (stats.clip.empty()) return {};  // of what never began there is no table
  return write_to_stdout(playback_table(stats));
}

// Each though the other cannot be: standard output may be a pipe that nobody reads any more.
Result<void> write_results(const PlayCommand& command, const PlaybackStats& stats) {
  const Result<void> written = write_files(command, stats);
  const Result<void> printed = print_results(command, stats);
  return written ? printed : written;
}

Result<std::optional<PathModel>> impairment_of(const PlayConfig& config) {
  if (config.impair.empty()) return std::nullopt;
  return parse_path_model(config.impair);
}

// The config file with the command line on top.
CommandResult configure(PlayCommand& command) {
  PlayConfig& config = command.player.config;
  if (!command.config_file.empty()) {
    ASSIGN_OR_RETURN(config, read_play_config(command.config_file, config_checks()));
  }
  if (auto done = set(config, command.overrides.overrides()); !done) {
    return wrong_usage(done.error());
  }
  auto impairment = impairment_of(config);
  if (!impairment) return wrong_usage(impairment.error());
  command.player.impairment = *impairment;
  return {};
}

// What was seen until a failure is told all the same; the failure comes last.
CommandResult tell(const PlayCommand& command, const std::optional<PlaybackStats>& stats,
                   const Result<void>& played) {
  const auto written = stats ? write_results(command, *stats) : Result<void>{};
  RETURN_IF_ERROR(played);
  RETURN_IF_ERROR(written);
  return {};
}

CommandResult play(PlayCommand& command) {
  outlive_readers();
  RETURN_IF_ERROR(configure(command));
  if (command.print_config) {
    RETURN_IF_ERROR(write_to_stdout(to_toml(command.player.config)));
    return {};
  }
  if (command.player.url.scheme == ClipUrl::Scheme::TsOverSctp) {
    TsPlayer player(command.player);
    if (auto fits = player.check(); !fits) return wrong_usage(fits.error());
    const Result<void> played = player.run();
    return tell(command, player.stats(), played);
  }
  if (command.player.url.clip.empty()) return list_clips(command);
  Player player(command.player);
  if (auto fits = player.check(); !fits) return wrong_usage(fits.error());
  const Result<void> played = player.run();
  return tell(command, player.stats(), played);
}

void describe(CLI::App& app, PlayCommand& command) {
  const auto keys = keys_of(PlayConfig{});
  PlayerOptions& player = command.player;
  add_parsed_option(app, "URL", player.url, ClipUrl::parse,
                    "mayfly://HOST[:PORT]/CLIP, SCTP over UDP; mayfly+sctp://HOST[:PORT]/CLIP, "
                    "the kernel's SCTP. Without CLIP: lists what there is. "
                    "sctp+ts://HOST:PORT, MPEG-TS as ffmpeg sends it over SCTP",
                    "URL")
      ->required();
  ConfigOverrides& overrides = command.overrides;
  overrides
      .add_alias(app, "--sink", key_named(keys, "sink"),
                 "auto: a window; none: only the clock and the figures; or a FILE to record to "
                 "(.mkv .mp4 .ts ...), replaced if it is there")
      ->type_name("auto|none|FILE")
      ->default_str("auto");
  overrides
      .add_alias(app, "--playout-delay", key_named(keys, "playout_delay"),
                 "From a frame's decode time to its showing, \"500ms\"")
      ->type_name("TIME");
  overrides
      .add_alias(app, "--impair", key_named(keys, "impair"),
                 "A bad link under this player's UDP, "
                 "\"loss=3%,delay=20ms,rate=4Mbit/s,seed=7\"")
      ->type_name("LINK");
  overrides
      .add_alias(app, "--transport", key_named(keys, "transport.stack"),
                 "auto: as the URL says; kernel; usrsctp; engine: mayfly's own")
      ->type_name("STACK");
  overrides
      .add_alias(app, "--bind", key_named(keys, "transport.kernel.bind"),
                 "Addresses of this host that the kernel's SCTP may use, a path each; all if not "
                 "given")
      ->type_name("ADDR[,ADDR...]")
      ->delimiter(',');
  app.add_option("-c,--config", command.config_file, "A TOML file; config/play.toml has all keys")
      ->type_name("FILE");
  add_parsed_option(
      app, "--start", player.position,
      [](const std::string& text) {
        return parse_duration(text).map([](Duration at) { return MediaTime(at); });
      },
      "Where in the clip to begin, \"90s\"", "TIME");
  add_parsed_option(app, "--stop-after", player.stop_after, parse_duration,
                    "Ends the playout after this time", "TIME");
  app.add_option_function<std::vector<std::string>>(
         "--lifetime",
         [&player](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             auto parsed = parse_class_lifetime(text);
             if (!parsed) throw CLI::ValidationError("--lifetime", parsed.error().message);
             player.lifetimes.push_back(std::move(*parsed));
           }
         },
         "Asks the server to change how a class is sent, \"b=60ms\"; may be given several times")
      ->type_name("CLASS=TIME")
      ->type_size(1)
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  app.add_flag(
      "--loop", [&overrides](int64_t) { overrides.set("loop", "true"); },
      "Begins again when the clip is over");
  app.add_option("--stats", command.stats_file, "Writes the statistics as JSON")->type_name("FILE");
  app.add_option("--report", command.report_file, "Writes a report as one HTML page")
      ->type_name("FILE");
  app.add_flag("--json", command.json, "Prints the statistics, or the list of clips, as JSON");
  app.add_flag("-q,--quiet", player.quiet, "No live line");
  app.add_flag("--print-config", command.print_config, "Prints the effective config, and ends");
  overrides.add_options(app, keys);
  app.footer(
      "\nKeys in a terminal: space pauses, arrows left and right jump 10 s, q ends.\n"
      "Every key of the config is an option too: --transport.rto_max 300ms.\n"
      "\nExample: record a clip over a link that loses 3 % of the packets\n"
      "  mayfly play mayfly://192.0.2.1/street --impair loss=3% --sink street.mkv\n"
      "Example: watch what ffmpeg -f mpegts 'sctp://0.0.0.0:9000?listen' sends\n"
      "  mayfly play sctp+ts://192.0.2.1:9000");
}

}  // namespace

void add_play_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command = app.add_subcommand("play", "Plays a clip from a server, or records it");
  const auto options = std::make_shared<PlayCommand>();
  describe(*command, *options);
  command->callback([options, &chosen] { chosen = [options] { return play(*options); }; });
}

}  // namespace mayfly
