#include "config/kb_set.h"

#include <algorithm>

#include "config/limits.h"
#include "config/load.h"

namespace foreword::config {

std::vector<std::string> split_kb_set(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('+', begin), text.size());
    names.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string join_kb_set(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : "+") + name;
  return text;
}

bool is_kb_set(std::string_view text) {
  const auto names = split_kb_set(text);
  return names.size() <= limits::kMaxKbsPerRequest && std::ranges::all_of(names, is_kb_name);
}

bool kb_set_has(std::string_view set, std::string_view name) {
  return std::ranges::binary_search(split_kb_set(set), name);
}

}  // namespace foreword::config
