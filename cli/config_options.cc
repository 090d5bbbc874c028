#include "cli/config_options.h"

#include <algorithm>

#include "core/check.h"

namespace mayfly {

void ConfigOverrides::add_options(CLI::App& command, const std::vector<KeyDescription>& keys) {
  for (const KeyDescription& key : keys) {
    if (command.get_option_no_throw("--" + key.path) != nullptr) continue;  // an alias of that name
    add_alias(command, "--" + key.path, key, key.meaning)->group("");
  }
}

CLI::Option* ConfigOverrides::add_alias(CLI::App& command, const std::string& option,
                                        const KeyDescription& key, const std::string& help) {
  const std::string path = key.path;
  if (key.kind == ValueKind::List) {
    return command
        .add_option_function<std::vector<std::string>>(
            option,
            [this, path](const std::vector<std::string>& values) {
              std::vector<std::string>& all = given_[path];
              all.insert(all.end(), values.begin(), values.end());
            },
            help)
        ->type_size(1)
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false)
        ->trigger_on_parse();
  }
  return command.add_option_function<std::string>(
      option, [this, path](const std::string& value) { given_[path] = {value}; }, help);
}

std::vector<Override> ConfigOverrides::overrides() const {
  std::vector<Override> all;
  for (const auto& [path, values] : given_) all.push_back({path, values});
  return all;
}

const KeyDescription& key_named(const std::vector<KeyDescription>& keys, const std::string& path) {
  const auto found = std::ranges::find(keys, path, &KeyDescription::path);
  MAYFLY_CHECK(found != keys.end());
  return *found;
}

}  // namespace mayfly
