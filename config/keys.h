#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/key_table.h"
#include "core/quantity.h"

// One maker per kind of value. `member` gives the place of the value in a configuration, as a
// reference, for a const one and one that is not: [](auto& config) -> auto& { return config.x; }.
namespace mayfly {

struct KeyText {
  std::string path;
  std::string meaning;
};

template <class Config, class T, class Member, class Parse, class Print>
[[nodiscard]] ConfigKey<Config> quantity_key(KeyText text, std::string what, T low, T high,
                                             Member member, Parse parse, Print print) {
  const Config defaults{};
  const std::string range = fmt::format("\"{}\" to \"{}\"", print(low), print(high));
  return {
      .path = std::move(text.path),
      .kind = ValueKind::Text,
      .form = fmt::format("{}, {}", what, range),
      .meaning = std::move(text.meaning),
      .example = toml_text(print(member(defaults))),
      .read = [=](Config& config, const KeyValues& values) -> Result<void> {
        ASSIGN_OR_RETURN(const T value, parse(values.front()));
        if (value < low || value > high) {
          return failure(ErrorCode::InvalidArgument,
                         fmt::format("\"{}\" is not within {}", values.front(), range));
        }
        member(config) = value;
        return {};
      },
      .print = [=](const Config& config) { return KeyValues{print(member(config))}; },
  };
}

template <class Config, class Member>
[[nodiscard]] ConfigKey<Config> duration_key(KeyText text, Duration low, Duration high,
                                             Member member) {
  return quantity_key<Config>(std::move(text), "duration", low, high, member, parse_duration,
                              [](Duration duration) { return to_text(duration); });
}

template <class Config, class Member>
[[nodiscard]] ConfigKey<Config> size_key(KeyText text, size_t low, size_t high, Member member) {
  return quantity_key<Config>(std::move(text), "size", low, high, member, parse_data_size,
                              data_size_text);
}

template <class Config, class Member>
[[nodiscard]] ConfigKey<Config> integer_key(KeyText text, int64_t low, int64_t high,
                                            Member member) {
  using T = std::remove_cvref_t<decltype(member(std::declval<Config&>()))>;
  const Config defaults{};
  return {
      .path = std::move(text.path),
      .kind = ValueKind::Integer,
      .form = fmt::format("whole number, {} to {}", low, high),
      .meaning = std::move(text.meaning),
      .example = std::to_string(member(defaults)),
      .read = [=](Config& config, const KeyValues& values) -> Result<void> {
        ASSIGN_OR_RETURN(const int64_t value, parse_integer(values.front(), low, high));
        member(config) = static_cast<T>(value);
        return {};
      },
      .print = [=](const Config& config) { return KeyValues{std::to_string(member(config))}; },
  };
}

template <class Config, class Member>
[[nodiscard]] ConfigKey<Config> flag_key(KeyText text, Member member) {
  const Config defaults{};
  const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
  return {
      .path = std::move(text.path),
      .kind = ValueKind::Flag,
      .form = "true or false",
      .meaning = std::move(text.meaning),
      .example = word(member(defaults)),
      .read = [=](Config& config, const KeyValues& values) -> Result<void> {
        if (values.front() != "true" && values.front() != "false") {
          return failure(ErrorCode::InvalidArgument,
                         fmt::format("\"{}\" is neither true nor false", values.front()));
        }
        member(config) = values.front() == "true";
        return {};
      },
      .print = [=](const Config& config) { return KeyValues{word(member(config))}; },
  };
}

template <class Config, class Member>
[[nodiscard]] ConfigKey<Config> text_key(KeyText text, std::string form, std::string example,
                                         Member member) {
  return {
      .path = std::move(text.path),
      .kind = ValueKind::Text,
      .form = std::move(form),
      .meaning = std::move(text.meaning),
      .example = toml_text(example),
      .read = [=](Config& config, const KeyValues& values) -> Result<void> {
        member(config) = values.front();
        return {};
      },
      .print = [=](const Config& config) { return KeyValues{member(config)}; },
  };
}

template <class Config, class Member>
[[nodiscard]] ConfigKey<Config> list_key(KeyText text, std::string form, KeyValues example,
                                         Member member) {
  return {
      .path = std::move(text.path),
      .kind = ValueKind::List,
      .form = std::move(form),
      .meaning = std::move(text.meaning),
      .example = toml_value(ValueKind::List, example),
      .read = [=](Config& config, const KeyValues& values) -> Result<void> {
        member(config) = values;
        return {};
      },
      .print = [=](const Config& config) { return member(config); },
  };
}

// One of a closed set, each with its name.
template <class Config, class T, class Member>
[[nodiscard]] ConfigKey<Config> choice_key(KeyText text,
                                           std::vector<std::pair<std::string, T>> choices,
                                           Member member) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.push_back(name);
  return {
      .path = std::move(text.path),
      .kind = ValueKind::Text,
      .form = fmt::format("one of \"{}\"", fmt::join(names, "\", \"")),
      .meaning = std::move(text.meaning),
      .example = toml_text(names.front()),
      .read = [=](Config& config, const KeyValues& values) -> Result<void> {
        for (const auto& [name, value] : choices) {
          if (name != values.front()) continue;
          member(config) = value;
          return {};
        }
        return failure(
            ErrorCode::InvalidArgument,
            fmt::format("\"{}\" is not one of \"{}\"{}", values.front(), fmt::join(names, "\", \""),
                        did_you_mean(values.front(), names)));
      },
      .print =
          [=](const Config& config) {
            const auto at = std::ranges::find(choices, member(config),
                                              [](const auto& choice) { return choice.second; });
            return KeyValues{at->first};
          },
  };
}

}  // namespace mayfly
