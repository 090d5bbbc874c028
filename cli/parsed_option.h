#pragma once

#include <string>
#include <utility>

#include "cli/command.h"

namespace mayfly {

// An option whose text is understood by `parse` (a function from text to Result<T>): what it cannot
// read is wrong usage, told in its own words. The default shown is `shown`.
template <class T, class Parse>
CLI::Option* add_parsed_option(CLI::App& app, const std::string& name, T& target, Parse parse,
                               const std::string& help, const std::string& form,
                               const std::string& shown = {}) {
  auto* option = app.add_option_function<std::string>(
      name,
      [&target, parse, name](const std::string& text) {
        auto parsed = parse(text);
        if (!parsed) {
          const std::string& why = parsed.error().message;
          throw CLI::ValidationError(why.starts_with(name) ? why : name + ": " + why);
        }
        target = std::move(*parsed);
      },
      help);
  option->type_name(form);
  if (!shown.empty()) option->default_str(shown);
  return option;
}

}  // namespace mayfly
