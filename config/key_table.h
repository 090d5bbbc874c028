#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/did_you_mean.h"
#include "config/setting.h"
#include "config/toml_document.h"
#include "core/result.h"

namespace mayfly {

using KeyValues = std::vector<std::string>;

// All that is known of one key of a configuration. Reading files, setting from the command line,
// printing, the reference and the suggestions for misspelled keys come from this and nothing else.
template <class Config>
struct ConfigKey {
  std::string path;
  ValueKind kind = ValueKind::Text;
  std::string form;
  std::string meaning;
  std::string example;
  // Stores the values, or says what would be right.
  std::function<Result<void>(Config&, const KeyValues&)> read;
  // None where the key has nothing to say, because another says it.
  std::function<std::optional<KeyValues>(const Config&)> print;
  std::vector<std::string> excludes = {};  // paths of keys that must not be given beside this one
};

template <class Config>
class KeyTable {
 public:
  // Puts in order what several keys decide together.
  using Settle = std::function<void(Config&)>;
  // Tells what several keys make wrong together, each by the key that is best changed.
  using Check = std::function<std::vector<Problem>(const Config&)>;

  // Keys are read and printed in this order; those of one section must stand together.
  KeyTable(std::vector<ConfigKey<Config>> keys, Settle settle, Check check)
      : keys_(std::move(keys)), settle_(std::move(settle)), check_(std::move(check)) {}

  // Applies what can be applied, whatever the order of the settings, and tells of all the rest.
  [[nodiscard]] std::vector<Problem> apply(Config& config, const std::vector<Setting>& settings,
                                           const ValueChecks& checks = {}) const {
    std::vector<Problem> problems;
    for (const Setting& each : settings) {
      // A section whose keys are all commented out is none the worse for it.
      if (each.kind == ValueKind::Section && first_key_in(each.path)) continue;
      if (!find(each.path)) problems.push_back({each.path, unknown(each.path), each.line});
    }
    for (const ConfigKey<Config>& key : keys_) {
      const auto setting = std::ranges::find(settings, key.path, &Setting::path);
      if (setting == settings.end()) continue;
      if (std::string fault = fault_of(config, key, *setting, settings, checks); !fault.empty()) {
        problems.push_back({key.path, std::move(fault), setting->line});
      }
    }
    settle_(config);
    for (Problem& each : check_(config)) {
      const auto setting = std::ranges::find(settings, each.path, &Setting::path);
      if (setting != settings.end()) each.line = setting->line;
      problems.push_back(std::move(each));
    }
    std::ranges::stable_sort(problems, {}, &Problem::line);
    return problems;
  }

  [[nodiscard]] std::vector<KeyDescription> describe(const Config& config) const {
    std::vector<KeyDescription> descriptions;
    for (const ConfigKey<Config>& key : keys_) {
      const auto values = key.print(config);
      descriptions.push_back({key.path, key.kind, key.form, key.meaning, key.example,
                              values ? toml_value(key.kind, *values) : std::string()});
    }
    return descriptions;
  }

  // The settings the command line asks for; their kind is the key's, as all it has is texts.
  [[nodiscard]] std::vector<Setting> settings_from(const std::vector<Override>& overrides) const {
    std::vector<Setting> settings;
    for (const Override& each : overrides) {
      const ConfigKey<Config>* key = find(each.path);
      settings.push_back({each.path, key ? key->kind : ValueKind::Other, each.values, 0});
    }
    return settings;
  }

 private:
  [[nodiscard]] const ConfigKey<Config>* find(const std::string& path) const {
    const auto key = std::ranges::find(keys_, path, &ConfigKey<Config>::path);
    return key == keys_.end() ? nullptr : &*key;
  }

  // Null when there is no such section.
  [[nodiscard]] const ConfigKey<Config>* first_key_in(const std::string& section) const {
    const auto key = std::ranges::find_if(
        keys_, [&](const ConfigKey<Config>& each) { return each.path.starts_with(section + "."); });
    return key == keys_.end() ? nullptr : &*key;
  }

  [[nodiscard]] std::string unknown(const std::string& path) const {
    if (const ConfigKey<Config>* key = first_key_in(path)) {
      return fmt::format("is a section; write [{}] and its keys below, {} for example", path,
                         key->path);
    }
    std::vector<std::string> paths;
    for (const ConfigKey<Config>& key : keys_) paths.push_back(key.path);
    return "there is no such key" + did_you_mean(path, paths);
  }

  [[nodiscard]] std::string fault_of(Config& config, const ConfigKey<Config>& key,
                                     const Setting& setting, const std::vector<Setting>& all,
                                     const ValueChecks& checks) const {
    for (const std::string& other : key.excludes) {
      if (std::ranges::find(all, other, &Setting::path) == all.end()) continue;
      return fmt::format("cannot stand beside {}; keep one of the two", other);
    }
    if (setting.kind != key.kind) {
      return fmt::format("must be {}; for example {}", key.form, key.example);
    }
    if (key.kind != ValueKind::List && setting.values.size() != 1) {
      return fmt::format("takes one value, not {}", setting.values.size());
    }
    if (const auto read = key.read(config, setting.values); !read) return read.error().message;
    const auto check = checks.find(key.path);
    if (check == checks.end()) return {};
    for (const std::string& value : setting.values) {
      if (const auto good = check->second(value); !good) return good.error().message;
    }
    return {};
  }

  std::vector<ConfigKey<Config>> keys_;
  Settle settle_;
  Check check_;
};

}  // namespace mayfly
