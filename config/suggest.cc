#include "config/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace foreword::config {
namespace {

constexpr std::size_t kFarthest = 3;

/// Levenshtein: how many letters to insert, remove or replace. One row of the table at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto above = row[j + 1];
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({replaced, above + 1, row[j] + 1});
      diagonal = above;
    }
  }
  return row.back();
}

bool is_close(std::string_view candidate, std::size_t distance) {
  const auto last_part = candidate.size() - (candidate.rfind('.') + 1);
  return distance <= kFarthest && distance * 2 <= last_part;
}

}  // namespace

std::optional<std::string> suggest(std::string_view key, std::span<const std::string> known) {
  std::optional<std::string> best;
  std::size_t least = kFarthest + 1;
  for (const auto& candidate : known) {
    // Lengths alone rule most out, and bound the work for an absurdly long key.
    if (candidate.size() > key.size() + kFarthest || key.size() > candidate.size() + kFarthest) {
      continue;
    }
    const auto distance = edit_distance(key, candidate);
    if (distance < least && is_close(candidate, distance)) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace foreword::config
