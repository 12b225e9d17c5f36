#include "assembler/section.h"

#include <algorithm>

namespace foreword::assembler {
namespace {

constexpr std::size_t kMaxTitleBytes = 100;
constexpr std::size_t kMaxHeadingLevel = 6;

bool is_heading(std::string_view line) {
  const auto level = line.find_first_not_of('#');
  return level != std::string_view::npos && level >= 1 && level <= kMaxHeadingLevel &&
         line[level] == ' ';
}

bool is_fence(std::string_view line) {
  return line.starts_with("```") || line.starts_with("~~~");
}

/// The first line of `text`, with its line feed.
std::string_view first_line(std::string_view text) {
  return text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
}

}  // namespace

std::vector<std::string_view> split_sections(std::string_view text) {
  std::vector<std::string_view> sections;
  std::size_t begin = 0;
  bool fenced = false;
  bool behind_blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto line = first_line(text.substr(at));
    const bool heading = !fenced && is_heading(line);
    const bool long_enough = behind_blank && !fenced && at - begin >= kLongSectionBytes;
    if (at > begin && (heading || long_enough)) {
      sections.push_back(text.substr(begin, at - begin));
      begin = at;
    }
    if (is_fence(line)) fenced = !fenced;
    behind_blank = line == "\n";
    at += line.size();
  }
  if (begin < text.size()) sections.push_back(text.substr(begin));
  return sections;
}

std::string_view section_title(std::string_view section) {
  const auto begin = section.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  auto title = section.substr(begin, section.find('\n', begin) - begin);
  if (title.size() <= kMaxTitleBytes) return title;
  auto end = kMaxTitleBytes;
  const auto continues = [&title](std::size_t at) {
    return (static_cast<unsigned char>(title[at]) & 0xC0u) == 0x80u;  // UTF-8: inside a character
  };
  while (end > 0 && continues(end)) --end;
  return title.substr(0, end);
}

}  // namespace foreword::assembler
