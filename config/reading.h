#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/key_table.h"
#include "config/setting.h"
#include "config/toml_document.h"
#include "core/result.h"

// From a document or the command line to a configuration, the same way for every kind of one.
namespace mayfly {

// The text of a configuration file; a name for errors comes with it.
[[nodiscard]] Result<std::string> read_document(const std::filesystem::path& file);

// All problems as one error, a line each: `name:7: path: what`.
[[nodiscard]] Error error_of(const std::vector<Problem>& problems, const std::string& name);

template <class Config>
[[nodiscard]] Result<Config> parse_config(const KeyTable<Config>& table, Config defaults,
                                          std::string_view document, const std::string& name,
                                          const ValueChecks& checks = {}) {
  const auto settings = read_toml(document);
  if (!settings) {
    return failure(settings.error().code, fmt::format("{}:{}", name, settings.error().message));
  }
  const auto problems = table.apply(defaults, *settings, checks);
  if (!problems.empty()) return failure(error_of(problems, name));
  return defaults;
}

template <class Config>
[[nodiscard]] Result<void> set_in(const KeyTable<Config>& table, Config& config,
                                  const std::vector<Override>& overrides) {
  Config changed = config;
  const auto problems = table.apply(changed, table.settings_from(overrides));
  if (!problems.empty()) return failure(error_of(problems, ""));
  config = std::move(changed);
  return {};
}

}  // namespace mayfly
