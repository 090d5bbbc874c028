#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace mayfly {

// How `--help` looks: names left, descriptions right, all within 80 columns. Footers stand as they
// were written.
class HelpFormat final : public CLI::Formatter {
 public:
  HelpFormat();

  static constexpr size_t kColumns = 80;
  static constexpr size_t kNameColumns = 28;

  [[nodiscard]] std::string make_description(const CLI::App* app) const override;
  [[nodiscard]] std::string make_subcommand(const CLI::App* command) const override;
  [[nodiscard]] std::string make_option(const CLI::Option* option,
                                        bool is_positional) const override;
  [[nodiscard]] std::string make_help(const CLI::App* app, std::string name,
                                      CLI::AppFormatMode mode) const override;
};

// Why a command line was not understood, in one sentence.
[[nodiscard]] std::string usage_sentence(const CLI::App& app, const CLI::Error& error);

}  // namespace mayfly
