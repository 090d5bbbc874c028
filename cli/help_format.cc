#include "cli/help_format.h"

#include <fmt/format.h>

#include <CLI/Error.hpp>
#include <sstream>
#include <utility>
#include <vector>

namespace mayfly {
namespace {

// The words of `text` in lines of at most `columns`, a word longer than that on a line of its own.
// Lines after the first begin with `indent` spaces.
std::string wrapped(const std::string& text, size_t columns, size_t indent) {
  std::istringstream words(text);
  std::string lines;
  size_t used = 0;
  for (std::string word; words >> word; used += word.size()) {
    if (used > 0 && used + 1 + word.size() > columns) {
      lines += '\n' + std::string(indent, ' ');
      used = 0;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += word;
  }
  return lines;
}

std::string two_columns(const std::string& name, const std::string& description) {
  constexpr size_t kGap = 2;
  std::string text = "  " + name;
  if (text.size() + kGap > HelpFormat::kNameColumns) {
    text += '\n' + std::string(HelpFormat::kNameColumns, ' ');
  } else {
    text.resize(HelpFormat::kNameColumns, ' ');
  }
  return text +
         wrapped(description, HelpFormat::kColumns - HelpFormat::kNameColumns,
                 HelpFormat::kNameColumns) +
         '\n';
}

}  // namespace

HelpFormat::HelpFormat() {
  label("Positionals", "Arguments");
  label("Subcommands", "Commands");
  label("SUBCOMMAND", "COMMAND");
}

std::string HelpFormat::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), kColumns, 0) + '\n';
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return two_columns(command->get_name(), command->get_description());
}

std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  std::string name = make_option_name(option, is_positional);
  if (!is_positional) name += make_option_opts(option);
  return two_columns(name, make_option_desc(option));
}

std::string HelpFormat::make_help(const CLI::App* app, std::string name,
                                  CLI::AppFormatMode mode) const {
  std::string help = CLI::Formatter::make_help(app, std::move(name), mode);
  // Groups of hidden options leave empty lines.
  for (size_t at = 0; (at = help.find("\n\n\n", at)) != std::string::npos;) help.erase(at, 1);
  return help;
}

std::string usage_sentence(const CLI::App& app, const CLI::Error& error) {
  const auto commands = app.get_subcommands();
  const std::string help =
      commands.empty() ? "mayfly --help" : fmt::format("mayfly {} --help", commands[0]->get_name());
  const std::string said = error.what();
  const std::vector<std::string> unknown = app.remaining(true);
  const auto code = static_cast<CLI::ExitCodes>(error.get_exit_code());
  if (commands.empty() && unknown.empty()) {
    return fmt::format("a command is missing; {} shows what there is", help);
  }
  if (commands.empty() || code == CLI::ExitCodes::ExtrasError) {
    const std::string first = unknown.empty() ? said : unknown.front();
    return fmt::format("there is no {} \"{}\"; {} shows what there is",
                       first.starts_with('-') ? "option"
                       : commands.empty()     ? "command"
                                              : "use for the argument",
                       first, help);
  }
  if (code == CLI::ExitCodes::ValidationError) return said;
  return fmt::format("{}; {} tells more", said.substr(0, said.find('\n')), help);
}

}  // namespace mayfly
