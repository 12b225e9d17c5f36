#include "tools/documents/gitignore.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace foreword::tools {
namespace {

using Set = std::bitset<256>;

std::size_t index_of(char c) {
  return static_cast<unsigned char>(c);
}

Set single(char c) {
  Set set;
  set.set(index_of(c));
  return set;
}

Set all_but_slash() {
  Set set;
  set.set();
  set.reset(index_of('/'));
  return set;
}

/// false: there is no class of that name.
bool add_named(Set& set, std::string_view name) {
  using Test = int (*)(int);
  constexpr std::pair<std::string_view, Test> kClasses[] = {
      {"alnum", std::isalnum}, {"alpha", std::isalpha}, {"blank", std::isblank},
      {"cntrl", std::iscntrl}, {"digit", std::isdigit}, {"graph", std::isgraph},
      {"lower", std::islower}, {"print", std::isprint}, {"punct", std::ispunct},
      {"space", std::isspace}, {"upper", std::isupper}, {"xdigit", std::isxdigit}};
  for (const auto& [known, test] : kClasses) {
    if (known != name) continue;
    for (int c = 0; c < 128; ++c) {
      if (test(c) != 0) set.set(static_cast<std::size_t>(c));
    }
    return true;
  }
  return false;
}

/// The set of "[a-z]", taken from the front of `rest`; nothing where it is not closed.
std::optional<Set> take_bracket(std::string_view& rest) {
  rest.remove_prefix(1);
  const bool inverted = rest.starts_with('!') || rest.starts_with('^');
  if (inverted) rest.remove_prefix(1);
  Set set;
  constexpr std::size_t kNone = 256;
  auto before = kNone;
  for (bool first = true;; first = false) {
    if (rest.empty()) return std::nullopt;
    if (rest.front() == ']' && !first) break;
    if (rest.starts_with("[:")) {
      const auto end = rest.find(":]", 2);
      if (end == std::string_view::npos || !add_named(set, rest.substr(2, end - 2))) {
        return std::nullopt;
      }
      rest.remove_prefix(end + 2);
      before = kNone;
      continue;
    }
    const bool range = rest.front() == '-' && before != kNone && rest.size() > 1 && rest[1] != ']';
    if (range) rest.remove_prefix(1);
    if (rest.front() == '\\') rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
    const char c = rest.front();
    rest.remove_prefix(1);
    for (auto i = range ? before : index_of(c); i <= index_of(c); ++i) set.set(i);
    before = range ? kNone : index_of(c);
  }
  rest.remove_prefix(1);
  if (inverted) set.flip();
  set.reset(index_of('/'));
  return set;
}

std::string_view without_end_spaces(std::string_view line) {
  while (line.ends_with(' ')) {
    auto backslashes = line.size() - 1;
    while (backslashes > 0 && line[backslashes - 1] == '\\') --backslashes;
    if ((line.size() - 1 - backslashes) % 2 == 1) break;  // "\ " is a space that is meant
    line.remove_suffix(1);
  }
  return line;
}

}  // namespace

std::optional<IgnorePattern> IgnorePattern::parse(std::string_view pattern) {
  IgnorePattern out;
  auto rest = pattern;
  while (!rest.empty()) {
    Part part;
    const char c = rest.front();
    const auto at = static_cast<std::size_t>(rest.data() - pattern.data());
    const bool begins_part = at == 0 || pattern[at - 1] == '/';
    if (c == '*') {
      const auto stars = std::min(rest.find_first_not_of('*'), rest.size());
      const auto behind = rest.substr(stars);
      part.step = Step::star;
      if (stars == 2 && begins_part && behind.starts_with('/')) part.step = Step::folders;
      if (stars == 2 && begins_part && behind.empty() && at > 0) part.step = Step::rest;
      rest = part.step == Step::folders ? behind.substr(1) : behind;
    } else if (c == '[') {
      const auto set = take_bracket(rest);
      if (!set) return std::nullopt;
      part.set = *set;
    } else {
      if (c == '\\') rest.remove_prefix(1);
      if (rest.empty()) return std::nullopt;
      part.set = c == '?' ? all_but_slash() : single(rest.front());
      rest.remove_prefix(1);
    }
    out.parts_.push_back(part);
  }
  return out;
}

bool IgnorePattern::matches(std::string_view path) const {
  if (path.empty() || parts_.empty()) return false;
  // Most patterns fail by their first or last character ("build", "*.o").
  const auto fails = [](const Part& part, char c) {
    return part.step == Step::one && !part.set.test(index_of(c));
  };
  if (fails(parts_.front(), path.front()) || fails(parts_.back(), path.back())) return false;
  // All states of the pattern at once, so that no pattern makes it go back. State i: the parts
  // before i are done.
  std::vector<char> now(parts_.size() + 1, 0);
  std::vector<char> next(parts_.size() + 1, 0);
  const auto skip_empty = [this](std::vector<char>& states, bool begins_part) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (states[i] == 0) continue;
      const auto step = parts_[i].step;
      if (step == Step::star || (step == Step::folders && begins_part)) states[i + 1] = 1;
    }
  };
  now[0] = 1;
  skip_empty(now, true);
  for (const char c : path) {
    std::ranges::fill(next, 0);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (now[i] == 0) continue;
      switch (parts_[i].step) {
        case Step::one:
          if (parts_[i].set.test(index_of(c))) next[i + 1] = 1;
          break;
        case Step::star:
          if (c != '/') next[i] = 1;
          break;
        case Step::folders:
          next[i] = 1;
          break;
        case Step::rest:
          next[i] = next[i + 1] = 1;
          break;
      }
    }
    now.swap(next);
    skip_empty(now, c == '/');
  }
  return now.back() != 0;
}

IgnoreRules::IgnoreRules(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#')) continue;
    line = without_end_spaces(line);
    const bool keeps = line.starts_with('!');
    if (keeps) line.remove_prefix(1);
    const bool folders_only = line.ends_with('/');
    if (folders_only) line.remove_suffix(1);
    const bool name_only = line.find('/') == std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) continue;
    auto pattern = IgnorePattern::parse(line);
    if (pattern) rules_.push_back({std::move(*pattern), !keeps, folders_only, name_only});
  }
}

std::optional<bool> IgnoreRules::ignores(std::string_view path, bool is_folder) const {
  const auto name = path.substr(path.rfind('/') + 1);
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (rule->folders_only && !is_folder) continue;
    if (rule->pattern.matches(rule->name_only ? name : path)) return rule->ignores;
  }
  return std::nullopt;
}

bool ignored_by(const std::shared_ptr<const IgnoreChain>& chain, std::string_view path,
                bool is_folder) {
  for (const auto* link = chain.get(); link != nullptr; link = link->above.get()) {
    const auto verdict = link->rules.ignores(path.substr(link->prefix_bytes), is_folder);
    if (verdict) return *verdict;
  }
  return false;
}

}  // namespace foreword::tools
