#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/result.h"

namespace mayfly {

// What a value is in TOML. Quantities are texts: their unit stands in the value. A section is told
// of only when nothing stands in it.
enum class ValueKind { Text, Integer, Flag, List, Section, Other };

// A key that was given a value, in a file or on the command line, before anyone asked what it
// means.
struct Setting {
  std::string path;  // "delivery.b.lifetime"
  ValueKind kind = ValueKind::Text;
  std::vector<std::string> values;  // one, or any number for a List of texts
  int line = 0;                     // in its file; 0: not from a file

  friend bool operator==(const Setting&, const Setting&) = default;
};

// What is wrong with a setting, and what would be right.
struct Problem {
  std::string path;
  std::string what;
  int line = 0;

  friend bool operator==(const Problem&, const Problem&) = default;
};

// What a room that config/ does not know says of the values of a key: a URL, a link specification.
// By path; each value of a list is asked for by itself.
using ValueChecks = std::map<std::string, std::function<Result<void>(const std::string&)>>;

// Names one key in code that sets it from outside: the command line.
struct Override {
  std::string path;
  std::vector<std::string> values;
};

// A key as people read of it: in the commented file, in the reference, in --help.
struct KeyDescription {
  std::string path;
  ValueKind kind = ValueKind::Text;
  std::string form;     // what a value looks like: `duration, "10ms" to "60s"`
  std::string meaning;  // what it does, and why its default is what it is
  std::string example;  // a value, as TOML
  std::string value;    // of the configuration that was asked, as TOML; empty: not set
};

}  // namespace mayfly
