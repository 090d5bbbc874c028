#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace mayfly {

// Exit statuses of the program's own.
constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// A command that did what it was asked for. The status is another only where a command passes on
// that of a program it ran.
struct Finished {
  int status = kDone;
};

// Why a command failed.
struct CommandError : Error {
  CommandError(Error error) : Error(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  int status = kFailed;
};
using CommandResult = tl::expected<Finished, CommandError>;

// The error as one that the command line is to blame for.
[[nodiscard]] inline tl::unexpected<CommandError> wrong_usage(Error error) {
  CommandError wrong(std::move(error));
  wrong.status = kWrongUsage;
  return tl::unexpected(std::move(wrong));
}

// What the command line asked for, run after all of it was understood.
using ChosenCommand = std::function<CommandResult()>;

// Each adds its subcommand to `app`, and sets `chosen` when the user picks it. The returned command
// owns its parsed options.
void add_probe_command(CLI::App& app, ChosenCommand& chosen);
void add_serve_command(CLI::App& app, ChosenCommand& chosen);
void add_play_command(CLI::App& app, ChosenCommand& chosen);
void add_report_command(CLI::App& app, ChosenCommand& chosen);
void add_compare_command(CLI::App& app, ChosenCommand& chosen);
void add_link_command(CLI::App& app, ChosenCommand& chosen);
void add_doctor_command(CLI::App& app, ChosenCommand& chosen);

// The command line as it was typed, for reports.
[[nodiscard]] const std::string& command_line();

// What stands behind the first "--" of a command that runs another program, word by word.
[[nodiscard]] const std::vector<std::string>& words_after_dashes();

}  // namespace mayfly
