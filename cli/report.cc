#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/output.h"
#include "telemetry/playback_json.h"
#include "telemetry/playback_report.h"
#include "telemetry/playback_table.h"

namespace mayfly {
namespace {

// Statistics of one playout are a few kilobytes.
constexpr std::streamsize kMostBytes = 1 << 20;

struct ReportCommand {
  std::vector<std::string> files;
  std::string out;
  std::string title = "mayfly: playouts side by side";
};

Result<PlaybackStats> read_stats(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure(from_errno(errno, "reading " + path));
  std::string text(static_cast<size_t>(kMostBytes), '\0');
  file.read(text.data(), kMostBytes);
  text.resize(static_cast<size_t>(file.gcount()));
  return playback_stats_from_json(text).map_error(
      [&](const Error& error) { return error.in(path); });
}

CommandResult report(const ReportCommand& command) {
  PlaybackReport page{command.title, command_line(), {}};
  for (const std::string& path : command.files) {
    ASSIGN_OR_RETURN(PlaybackStats stats, read_stats(path));
    page.playouts.push_back(std::move(stats));
  }
  if (!command.out.empty()) RETURN_IF_ERROR(write_file(command.out, html_report(page)));
  std::string tables;
  for (const PlaybackStats& stats : page.playouts) {
    tables += (tables.empty() ? "" : "\n") + playback_table(stats);
  }
  RETURN_IF_ERROR(write_to_stdout(tables));
  return {};
}

}  // namespace

void add_report_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command =
      app.add_subcommand("report", "Puts the statistics of several playouts side by side");
  const auto options = std::make_shared<ReportCommand>();
  command->add_option("STATS", options->files, "Files that mayfly play --stats wrote")->required();
  command->add_option("--out", options->out, "Writes the report as one HTML page")
      ->type_name("FILE");
  command->add_option("--title", options->title, "What stands above it");
  command->footer(
      "\nExample: one page on two policies\n"
      "  mayfly report prioritised.json all-reliable.json --out report.html");
  command->callback([options, &chosen] { chosen = [options] { return report(*options); }; });
}

}  // namespace mayfly
