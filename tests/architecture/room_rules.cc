#include "tests/architecture/room_rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace mayfly {
namespace {

// Who may use whom, besides oneself. A new room comes with its row here and its sentence in
// docs/ARCHITECTURE.md.
const std::map<std::string, std::set<std::string>>& arrows() {
  static const std::set<std::string> all = {
      "core",   "wire",     "delivery",  "demux",  "mux",    "transport", "runtime",
      "netsim", "emulator", "telemetry", "config", "server", "client",    "lab"};
  static const std::map<std::string, std::set<std::string>> table = {
      {"core", {}},
      {"wire", {"core"}},
      {"delivery", {"core"}},
      {"demux", {"core"}},
      {"mux", {"core"}},
      {"transport", {"core"}},
      {"telemetry", {"core"}},
      {"netsim", {"core", "transport"}},
      {"emulator", {"core", "netsim", "transport"}},
      {"runtime", {"core", "transport"}},
      {"config", {"core", "delivery", "transport"}},
      {"server", {"core", "wire", "delivery", "demux", "mux", "transport", "telemetry", "config"}},
      {"client", {"core", "wire", "delivery", "demux", "transport", "telemetry", "config"}},
      {"lab", all},
      {"cli", all},
  };
  return table;
}

// Foreign headers, and the only places that may know them.
struct ForeignHeaders {
  std::vector<std::string> beginnings;  // of their names; with a * in front: ends
  std::vector<std::string> places;      // folders
  std::string suffix;                   // of the files there; empty: any
};

const std::vector<ForeignHeaders>& foreign_headers() {
  static const std::vector<ForeignHeaders> table = {
      {{"libav", "libsw"}, {"demux/libav/", "mux/"}, ""},
      {{"netinet/sctp.h", "linux/sctp.h"}, {"transport/kernel/"}, ""},
      {{"srt/"}, {"lab/real/"}, ""},
      {{"usrsctp.h"}, {"transport/usrsctp/"}, ""},
      {{"openssl/"}, {"transport/sctp/packet/cookie/hmac_sha256"}, ".cc"},
      {{"asio/", "asio.hpp"}, {"runtime/"}, ""},
      {{"gst/", "glib"}, {"client/gst/"}, ""},
      {{"toml++/", "toml.hpp"}, {"config/"}, ""},
      {{"google/protobuf/", "*.pb.h"}, {"wire/"}, ".cc"},
      {{"CLI/"}, {"cli/"}, ""},
      {{"gtest/", "gmock/", "rapidcheck", "benchmark/"}, {"tests/"}, ""},
  };
  return table;
}

bool names(const std::string& pattern, const std::string& header) {
  return pattern.starts_with('*') ? header.ends_with(pattern.substr(1))
                                  : header.starts_with(pattern);
}

struct Include {
  std::string header;
  bool is_quoted = false;
};

std::optional<Include> include_in(const std::string& line) {
  size_t at = line.find_first_not_of(" \t");
  if (at == std::string::npos || line[at] != '#') return std::nullopt;
  at = line.find_first_not_of(" \t", at + 1);
  constexpr std::string_view kWord = "include";
  if (at == std::string::npos || line.compare(at, kWord.size(), kWord) != 0) return std::nullopt;
  const size_t begin = line.find_first_of("<\"", at);
  if (begin == std::string::npos) return std::nullopt;
  const size_t end = line.find_first_of(">\"", begin + 1);
  if (end == std::string::npos) return std::nullopt;
  return Include{line.substr(begin + 1, end - begin - 1), line[begin] == '"'};
}

std::string room_of(const std::string& header) { return header.substr(0, header.find('/')); }

std::optional<std::string> arrow_problem(const SourceFile& file, const Include& include) {
  const std::string from = file.room();
  const std::string to = room_of(include.header);
  const bool is_room = arrows().contains(to) || to == "tests" || to == "samples";
  if (!include.is_quoted) {
    if (is_room) return "<" + include.header + "> is ours: write it in quotes";
    return std::nullopt;
  }
  if (include.header.ends_with(".pb.h")) return std::nullopt;  // generated; see foreign_headers()
  if (!is_room) return "\"" + include.header + "\" is not a path from the root";
  if (from == to || from == "tests" || from == "samples") return std::nullopt;
  const auto row = arrows().find(from);
  if (row == arrows().end()) return "the room " + from + " has no row in the table of arrows";
  if (!row->second.contains(to)) return from + " must not know " + to + " (" + include.header + ")";
  return std::nullopt;
}

std::optional<std::string> foreign_problem(const SourceFile& file, const Include& include) {
  // Tests look at what came out with the same libraries.
  if (file.is_in("tests") || file.is_in("samples")) return std::nullopt;
  for (const ForeignHeaders& foreign : foreign_headers()) {
    const bool named =
        std::any_of(foreign.beginnings.begin(), foreign.beginnings.end(),
                    [&](const std::string& pattern) { return names(pattern, include.header); });
    if (!named) continue;
    const bool at_home =
        std::any_of(foreign.places.begin(), foreign.places.end(), [&](const std::string& place) {
          return file.path.starts_with(place) && file.path.ends_with(foreign.suffix);
        });
    if (!at_home) {
      return "<" + include.header + "> belongs in " + foreign.places.front() + "*" +
             foreign.suffix + " alone";
    }
  }
  return std::nullopt;
}

}  // namespace

Problems include_problems(const SourceFile& file) {
  Problems problems;
  if (!file.is_cpp()) return problems;
  for (size_t i = 0; i < file.lines.size(); ++i) {
    const auto include = include_in(file.lines[i]);
    if (!include) continue;
    for (const auto& problem : {arrow_problem(file, *include), foreign_problem(file, *include)}) {
      if (problem) problems.push_back(file.path + ":" + std::to_string(i + 1) + ": " + *problem);
    }
  }
  return problems;
}

}  // namespace mayfly
