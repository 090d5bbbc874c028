#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/media_opening.h"
#include "cli/output.h"
#include "demux/clip_report.h"
#include "demux/libav/libav_source.h"
#include "demux/libav/sha256.h"

namespace mayfly {
namespace {

struct ProbeOptions {
  std::string file;
  bool json = false;
  bool digest = false;
};

std::string json_text(const ClipReport& report) {
  // A file's name may be any bytes.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return to_json(report).dump(2, ' ', false, kReplace) + '\n';
}

CommandResult probe(const ProbeOptions& options) {
  // As ffprobe shows them: comparing the two is what this output is for.
  ASSIGN_OR_RETURN(const auto source, LibavSource::open(options.file, {.container_times = true}));
  ClipReportOptions report_options;
  if (options.digest) report_options.digest = [](ByteView payload) { return sha256_hex(payload); };
  const ClipReport report = report_on(*source, options.file, source->format_name(), report_options);
  RETURN_IF_ERROR(write_to_stdout(options.json ? json_text(report) : to_text(report)));
  if (report.damage) return failure(*report.damage);
  if (!has_video(report.tracks)) return failure(no_video(options.file));
  return {};
}

}  // namespace

void add_probe_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command = app.add_subcommand(
      "probe", "Shows the tracks and frames of a clip, and how their bytes divide by class");
  const auto options = std::make_shared<ProbeOptions>();
  command->add_option("FILE", options->file, "A file, or a URL that FFmpeg can open")->required();
  command->add_flag("--json", options->json, "One JSON document with every frame");
  command->add_flag("--digest", options->digest,
                    "Adds the SHA-256 of each frame, to compare a recording with its source");
  command->footer(
      "\nExample: the picture types of a clip, in decode order\n"
      "  mayfly probe --json street.ts | jq -r '.frames[].type'");
  command->callback([options, &chosen] { chosen = [options] { return probe(*options); }; });
}

}  // namespace mayfly
