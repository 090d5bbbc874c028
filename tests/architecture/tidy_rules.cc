#include "tests/architecture/tidy_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>

namespace mayfly {
namespace {

// The words are written in pieces so that this file does not break its own rules.
constexpr std::array<std::string_view, 4> kUnfinished = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X",
    "HA"
    "CK"};
constexpr std::array<std::string_view, 4> kSleeping = {
    "sleep"
    "_for",
    "sleep"
    "_until",
    "usl"
    "eep",
    "nanosl"
    "eep"};
constexpr std::string_view kClockRead =
    "_clock::"
    "now";

bool is_part_of_a_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool contains_word(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool begins = at == 0 || !is_part_of_a_word(line[at - 1]);
    const bool ends = end == line.size() || !is_part_of_a_word(line[end]);
    if (begins && ends) return true;
  }
  return false;
}

// The first of the words that the line contains, or nothing.
template <class Words>
std::string_view word_in(std::string_view line, const Words& words) {
  const auto found = std::find_if(words.begin(), words.end(),
                                  [&](std::string_view word) { return contains_word(line, word); });
  return found == words.end() ? std::string_view() : *found;
}

// In characters: a line may hold some of more than one byte.
size_t columns(const std::string& line) {
  return static_cast<size_t>(std::count_if(line.begin(), line.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
  }));
}

std::optional<std::string> line_problem(const SourceFile& file, const std::string& line) {
  if (const auto word = word_in(line, kUnfinished); !word.empty()) {
    return std::string(word) + ": finish it, or write down what is so";
  }
  if (!file.is_cpp()) return std::nullopt;
  if (columns(line) > kMaxColumns) {
    return std::to_string(columns(line)) + " columns; " + std::to_string(kMaxColumns) + " at most";
  }
  if (file.path != "core/clock.cc" && line.find(kClockRead) != std::string::npos) {
    return "only core/clock.cc reads the clock; take a Clock& or `now`";
  }
  if (const auto word = word_in(line, kSleeping); file.is_in("tests") && !word.empty()) {
    return std::string(word) + ": a test waits for what it expects, on virtual time or on the loop";
  }
  return std::nullopt;
}

bool has_pragma_once(const SourceFile& file) {
  return std::find(file.lines.begin(), file.lines.end(), "#pragma once") != file.lines.end();
}

}  // namespace

Problems tidy_problems(const SourceFile& file) {
  Problems problems;
  for (size_t i = 0; i < file.lines.size(); ++i) {
    if (const auto problem = line_problem(file, file.lines[i])) {
      problems.push_back(file.path + ":" + std::to_string(i + 1) + ": " + *problem);
    }
  }
  if (file.is_header() && !has_pragma_once(file)) {
    problems.push_back(file.path + ":1: lacks #pragma once");
  }
  if (file.is_cpp() && file.lines.size() > kMaxLines) {
    problems.push_back(file.path + ":" + std::to_string(kMaxLines) + ": " +
                       std::to_string(file.lines.size()) + " lines; what second idea moved in?");
  }
  return problems;
}

}  // namespace mayfly
