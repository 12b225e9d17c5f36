#include "tools/extract/pdf_text.h"

#include <algorithm>
#include <locale>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>

namespace foreword::tools {
namespace {

using Lines = std::vector<std::string>;

/// Lines at each end of a page that may be its header or footer.
constexpr std::size_t kFurnitureLines = 2;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\f' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}

std::string tidy(std::string_view line) {
  std::string out;
  for (const char c : line) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Spaces tell columns of a table and the indentation of code apart. More than a few tell no more.
std::string with_few_spaces(std::string_view line) {
  constexpr std::size_t kMostSpaces = 4;
  std::string out;
  std::size_t run = 0;
  for (const char c : line) {
    if (c == '\f' || c == '\r') continue;
    run = is_space(c) ? run + 1 : 0;
    if (run <= kMostSpaces) out += is_space(c) ? ' ' : c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// "4.2 Title . . . . . 17": an entry of a table of contents, whose pages are gone.
bool is_contents_entry(std::string_view line) {
  while (!line.empty() && (is_digit(line.back()) || is_space(line.back()))) line.remove_suffix(1);
  return line.ends_with(". . . .") || line.ends_with(".....");
}

bool is_blank(const std::string& line) {
  return line.empty();
}

void trim(Lines& lines) {
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  lines.erase(lines.begin(), std::ranges::find_if_not(lines, is_blank));
}

Lines split(std::string_view page) {
  Lines lines;
  while (!page.empty()) {
    const auto end = std::min(page.find('\n'), page.size());
    auto line = with_few_spaces(page.substr(0, end));
    if (!is_contents_entry(line)) lines.push_back(std::move(line));
    page.remove_prefix(std::min(end + 1, page.size()));
  }
  trim(lines);
  return lines;
}

/// The same for "Chapter 3 ... 17" on every page: its numbers do not count.
std::string furniture_key(std::string_view line) {
  std::string key;
  for (const char c : tidy(line)) {
    if (!is_digit(c)) key += c;
  }
  return key;
}

/// "17", "xiv", "17 / 233".
bool is_page_number(std::string_view line) {
  const auto text = tidy(line);
  const auto number = text.substr(0, text.find(" / "));
  const bool of_so_many = text.find_first_not_of("0123456789 /") == std::string::npos;
  const bool roman = text.find_first_not_of("ivxlc") == std::string::npos;
  return !number.empty() && number.size() <= 6 && (of_so_many || roman);
}

/// "Chapter 3    17" or "iv    Contents".
bool has_page_number(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (is_page_number(line)) return true;
  const auto last = line.rfind("  ");
  const auto first = line.find("  ");
  return last != std::string_view::npos &&
         (is_page_number(line.substr(last)) || is_page_number(line.substr(0, first)));
}

/// Indexes of the first and last lines of a page that hold text.
std::vector<std::size_t> edge_lines(const Lines& lines) {
  std::vector<std::size_t> filled;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].empty()) filled.push_back(i);
  }
  if (filled.size() <= 2 * kFurnitureLines) return filled;
  std::vector<std::size_t> edges(filled.begin(), filled.begin() + kFurnitureLines);
  edges.insert(edges.end(), filled.end() - kFurnitureLines, filled.end());
  return edges;
}

void drop_furniture(std::vector<Lines>& pages) {
  std::map<std::string, std::size_t> seen;
  std::size_t numbered_pages = 0;
  for (const auto& lines : pages) {
    for (const auto i : edge_lines(lines)) ++seen[furniture_key(lines[i])];
    numbered_pages +=
        !lines.empty() && (has_page_number(lines.front()) || has_page_number(lines.back()));
  }
  // On one page it could be the row of a table; on most it is the number of the page.
  const bool numbered = numbered_pages * 2 > pages.size();
  // A chapter's own header stands on a few pages only: three are enough where they are alike.
  constexpr std::size_t kLeastPages = 3;
  for (auto& lines : pages) {
    if (lines.empty()) continue;
    for (auto* edge : {&lines.front(), &lines.back()}) {
      if (numbered && has_page_number(*edge)) edge->clear();
    }
    for (const auto i : edge_lines(lines)) {
      const auto key = furniture_key(lines[i]);
      const bool repeats = key.size() > 3 && seen[key] >= kLeastPages;
      if (repeats || is_page_number(lines[i])) lines[i].clear();
    }
    trim(lines);
  }
}

/// "infor-" + "mation": a hyphen behind a letter, and the word goes on in lower case. What is
/// hyphenated anyway ("copy-on-write", an address) keeps its hyphens: other signs stand in it.
bool is_split_word(std::string_view line, std::string_view next) {
  if (line.size() < 3 || line.back() != '-' || !is_letter(line[line.size() - 2])) return false;
  auto begin = line.size() - 1;
  while (begin > 0 && is_letter(line[begin - 1])) --begin;
  const bool begins_word = begin == 0 || line[begin - 1] == ' ' || line[begin - 1] == '(' ||
                           static_cast<unsigned char>(line[begin - 1]) >= 0x80;  // a quote
  if (!begins_word || line.size() - begin < 3) return false;
  const auto first = next.find_first_not_of(' ');
  return first != std::string_view::npos && is_lower(next[first]);
}

Lines join_hyphens(const Lines& lines) {
  Lines out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line = lines[i];
    while (i + 1 < lines.size() && is_split_word(line, lines[i + 1])) {
      const std::string_view next = lines[i + 1];
      const auto begin = next.find_first_not_of(' ');
      const auto end = next.find(' ', begin);
      line.pop_back();
      line += next.substr(begin, end - begin);
      if (end == std::string_view::npos) {
        ++i;
        continue;
      }
      out.push_back(std::move(line));
      line = std::string(begin, ' ') + std::string(next.substr(end + 1));
      ++i;
    }
    out.push_back(std::move(line));
  }
  return out;
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return boost::algorithm::iequals(a, b, std::locale::classic());
}
bool starts_with_ignoring_case(std::string_view text, std::string_view beginning) {
  return boost::algorithm::istarts_with(text, beginning, std::locale::classic());
}

std::string_view tidy_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// "4.2. Title", "Chapter 4 Title" and "Title" are the same title.
std::string_view without_number(std::string_view title) {
  for (const std::string_view word : {"Chapter ", "Appendix ", "Part "}) {
    if (starts_with_ignoring_case(title, word)) title.remove_prefix(word.size());
  }
  const auto end = title.find_first_not_of("0123456789.");
  if (end != std::string_view::npos && end > 0 && title[end] == ' ') title.remove_prefix(end + 1);
  return title;
}

/// Chapters' titles and running heads may be set in capitals.
bool says(std::string_view line, std::string_view title) {
  if (title.empty()) return false;
  if (line == title || without_number(line) == without_number(title)) return true;
  return std::ranges::none_of(line, is_lower) &&
         same_ignoring_case(without_number(line), without_number(title));
}

/// "3.8. HTTP PROXY", or the beginning of a title that was too long: "4.7. STEP 3: MODIFI …".
bool says_in_short(std::string_view field, std::string_view title) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (!field.ends_with(kEllipsis)) return says(field, title);
  field.remove_suffix(kEllipsis.size());
  field = without_number(tidy_end(field));
  return !field.empty() && starts_with_ignoring_case(without_number(title), field);
}

/// Takes the entries of the outline in their order, so that a table of contents in front does not
/// use them up: its lines end in page numbers.
class Headings {
 public:
  explicit Headings(const std::vector<OutlineEntry>& outline) {
    for (const auto& entry : outline) entries_.push_back({entry.level, tidy(entry.title)});
  }

  /// How many of the lines from `i` on are the next heading, and that heading; 0: they are text.
  std::size_t match(const Lines& lines, std::size_t i, std::string& heading) {
    constexpr std::size_t kLookAhead = 3;  // entries whose titles are set in another way are passed
    constexpr std::size_t kMostLines = 3;
    std::string joined;
    for (std::size_t n = 0; n < kMostLines && i + n < lines.size() && !lines[i + n].empty(); ++n) {
      joined += (n > 0 ? " " : "") + tidy(lines[i + n]);
      const auto last = std::min(next_ + kLookAhead, entries_.size());
      for (auto entry = next_; entry < last; ++entry) {
        if (!says(joined, entries_[entry].title)) continue;
        next_ = entry + 1;
        const auto level = std::clamp(entries_[entry].level, 1, 6);
        heading = std::string(static_cast<std::size_t>(level), '#') + " " + joined;
        return n + 1;
      }
    }
    return 0;
  }

  /// "CHAPTER 3. TOOL SETUPS    3.8. HTTP PROXY" at the edge of a page: titles with their numbers,
  /// of which the first one was there before.
  [[nodiscard]] bool is_running_head(std::string_view line) const {
    line = tidy_end(line.substr(std::min(line.find_first_not_of(' '), line.size())));
    if (without_number(line) == line) return false;
    auto known = next_;
    while (!line.empty()) {
      const auto field = line.substr(0, line.find("  "));
      const auto seen = std::span(entries_).first(known);
      const auto is_field = [field](const auto& entry) {
        return says_in_short(field, entry.title);
      };
      if (std::ranges::none_of(seen, is_field)) return false;
      known = entries_.size();
      line.remove_prefix(field.size());
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    }
    return true;
  }

 private:
  std::vector<OutlineEntry> entries_;
  std::size_t next_ = 0;
};

}  // namespace

std::string join_pages(const std::vector<std::string>& pages,
                       const std::vector<OutlineEntry>& outline) {
  std::vector<Lines> split_pages;
  split_pages.reserve(pages.size());
  for (const auto& page : pages) split_pages.push_back(split(page));
  drop_furniture(split_pages);

  Headings headings(outline);
  std::string out;
  const auto end_block = [&out] {
    if (!out.empty() && !out.ends_with("\n\n")) out += '\n';
  };
  for (const auto& page : split_pages) {
    auto lines = join_hyphens(page);
    if (!lines.empty() && headings.is_running_head(lines.front())) lines.front().clear();
    for (std::size_t i = 0; i < lines.size();) {
      std::string heading;
      if (const auto taken = headings.match(lines, i, heading); taken > 0) {
        end_block();
        out += heading + "\n\n";
        i += taken;
        continue;
      }
      lines[i].empty() ? end_block() : void(out += lines[i] + "\n");
      ++i;
    }
    end_block();
  }
  return out;
}

bool is_set_in_columns(std::string_view page) {
  constexpr std::size_t kLeastLines = 20;  // fewer are a table
  constexpr std::size_t kLeastWidth = 20;  // of the text on either side of the gap
  std::map<std::size_t, std::size_t> gap_ends;
  std::size_t filled = 0;
  while (!page.empty()) {
    const auto end = std::min(page.find('\n'), page.size());
    const auto line = page.substr(0, end);
    page.remove_prefix(std::min(end + 1, page.size()));
    const auto first = line.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    ++filled;
    const auto gap = line.find("  ", first);
    const auto right = line.find_first_not_of(' ', gap);
    if (gap == std::string_view::npos || right == std::string_view::npos) continue;
    if (gap - first >= kLeastWidth && line.size() - right >= kLeastWidth) ++gap_ends[right / 2];
  }
  std::size_t most = 0;
  for (const auto& [column, lines] : gap_ends) most = std::max(most, lines);
  return most >= kLeastLines && most * 2 >= filled;
}

}  // namespace foreword::tools
