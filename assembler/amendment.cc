#include "assembler/amendment.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>

#include "assembler/section.h"

namespace foreword::assembler {
namespace {

using Sections = std::vector<std::string_view>;

/// Beyond this many comparisons the middle parts count as different: 16 MB of memory at most.
constexpr std::size_t kMaxComparisons = std::size_t{1} << 22;

/// Which of the sections stay.
struct Kept {
  std::vector<bool> before;
  std::vector<bool> after;
};

std::size_t common_prefix(std::span<const std::string_view> a,
                          std::span<const std::string_view> b) {
  const auto [end, ignored] = std::ranges::mismatch(a, b);
  return static_cast<std::size_t>(end - a.begin());
}

std::size_t common_suffix(std::span<const std::string_view> a,
                          std::span<const std::string_view> b) {
  std::size_t n = 0;
  while (n < a.size() && n < b.size() && a[a.size() - 1 - n] == b[b.size() - 1 - n]) ++n;
  return n;
}

/// bytes(i, j): of the longest common subsequence of a[i..] and b[j..].
class CommonBytes {
 public:
  CommonBytes(std::span<const std::string_view> a, std::span<const std::string_view> b)
      : width_(b.size() + 1), bytes_((a.size() + 1) * width_) {
    for (auto i = a.size(); i-- > 0;) {
      for (auto j = b.size(); j-- > 0;) {
        at(i, j) = std::max(at(i + 1, j), at(i, j + 1));
        if (a[i] == b[j]) {
          at(i, j) = std::max(at(i, j), at(i + 1, j + 1) + static_cast<std::uint32_t>(a[i].size()));
        }
      }
    }
  }
  std::uint32_t& at(std::size_t i, std::size_t j) { return bytes_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> bytes_;
};

/// The parts between the common ends: marks what stays.
void keep_common(std::span<const std::string_view> a, std::span<const std::string_view> b,
                 std::size_t offset, Kept& kept) {
  if (a.empty() || b.empty() || a.size() * b.size() > kMaxComparisons) return;
  CommonBytes common(a, b);
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a[i] == b[j] && common.at(i, j) == common.at(i + 1, j + 1) + a[i].size()) {
      kept.before[offset + i++] = true;
      kept.after[offset + j++] = true;
    } else if (common.at(i + 1, j) >= common.at(i, j + 1)) {
      ++i;
    } else {
      ++j;
    }
  }
}

Kept find_kept(const Sections& before, const Sections& after) {
  Kept kept{std::vector<bool>(before.size()), std::vector<bool>(after.size())};
  const auto head = common_prefix(before, after);
  const std::span<const std::string_view> a = std::span(before).subspan(head);
  const std::span<const std::string_view> b = std::span(after).subspan(head);
  const auto tail = common_suffix(a, b);
  std::fill_n(kept.before.begin(), head, true);
  std::fill_n(kept.after.begin(), head, true);
  std::fill_n(kept.before.rbegin(), tail, true);
  std::fill_n(kept.after.rbegin(), tail, true);
  keep_common(a.first(a.size() - tail), b.first(b.size() - tail), head, kept);
  return kept;
}

std::vector<SectionName> name_all(const Sections& sections) {
  std::map<std::string_view, std::size_t> seen;
  std::vector<SectionName> names;
  names.reserve(sections.size());
  for (const auto section : sections) {
    const auto title = section_title(section);
    names.push_back({title, ++seen[title]});
  }
  return names;
}

}  // namespace

Amendment amend(std::string_view before, std::string_view after) {
  const auto old_sections = split_sections(before);
  const auto new_sections = split_sections(after);
  const auto kept = find_kept(old_sections, new_sections);
  const auto old_names = name_all(old_sections);
  const auto new_names = name_all(new_sections);
  Amendment result;
  for (std::size_t i = 0; i < old_sections.size(); ++i) {
    if (kept.before[i]) continue;
    result.superseded.push_back(old_names[i]);
    result.superseded_bytes += old_sections[i].size();
  }
  for (std::size_t j = 0; j < new_sections.size(); ++j) {
    if (kept.after[j]) continue;
    const auto text = new_sections[j];
    result.added_bytes += text.size();
    const bool goes_on = j > 0 && !kept.after[j - 1];
    if (goes_on) {  // one run of text; both are views of the same version, one behind the other
      auto& run = result.added.back().text;
      run = {run.data(), run.size() + text.size()};
    } else if (j == 0) {
      result.added.push_back({{}, true, text});
    } else {
      result.added.push_back({new_names[j - 1], false, text});
    }
  }
  return result;
}

}  // namespace foreword::assembler
