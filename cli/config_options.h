#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/command.h"
#include "config/setting.h"

namespace mayfly {

// What the command line says about keys of the config, as it was given.
class ConfigOverrides {
 public:
  // Makes every key an option of its own name (`--delivery.b.lifetime 60ms`), not shown in the
  // help:
  // --print-config lists them with their meaning. Must outlive the parsing.
  void add_options(CLI::App& command, const std::vector<KeyDescription>& keys);
  // A shorter name for a key, shown in the help.
  CLI::Option* add_alias(CLI::App& command, const std::string& option, const KeyDescription& key,
                         const std::string& help);
  void set(const std::string& path, const std::string& value) { given_[path] = {value}; }
  [[nodiscard]] std::vector<Override> overrides() const;

 private:
  std::map<std::string, std::vector<std::string>> given_;
};

// The description of a key that is known to exist.
[[nodiscard]] const KeyDescription& key_named(const std::vector<KeyDescription>& keys,
                                              const std::string& path);

}  // namespace mayfly
