#include "config/did_you_mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace mayfly {
namespace {

// Longer names are no key's misspelling, and would take time to compare.
constexpr size_t kLongestName = 100;

// Insertions, deletions and replacements that lead from one to the other (Levenshtein).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
  if (name.empty() || name.size() > kLongestName) return std::nullopt;
  std::optional<std::string> best;
  // A third of it may be wrong; of a short name one letter.
  size_t best_distance = std::max<size_t>(2, last_part(name).size() / 3 + 1);
  for (const std::string& each : known) {
    if (const size_t distance = edit_distance(name, each); distance < best_distance) {
      best = each;
      best_distance = distance;
    }
  }
  if (best) return best;
  const auto same_key = std::ranges::find(known, last_part(name),
                                          [](const std::string& path) { return last_part(path); });
  if (same_key != known.end()) return *same_key;
  return std::nullopt;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant ? fmt::format("; did you mean \"{}\"?", *meant) : std::string();
}

}  // namespace mayfly
