#include "tools/kb_told.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/algorithm/string/replace.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "assembler/section.h"

namespace foreword::tools {
namespace {

using Sections = std::vector<std::string>;

/// What a reader cannot make sense of.
struct Contradiction : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// As text stands in a layer: no '<' that begins a tag of the wrapping.
std::string as_told(std::string_view text) {
  static constexpr std::string_view kOurs[] = {"document", "source", "knowledge_base"};
  std::string told;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '<') {
      told += text[at];
      continue;
    }
    auto name = text.find_first_not_of(" \t\n\r\v\f", at + 1);
    if (name < text.size() && text[name] == '/') {
      name = text.find_first_not_of(" \t\n\r\v\f", name + 1);
    }
    std::string word(text.substr(std::min(name, text.size()), 16));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool ours = std::ranges::any_of(kOurs, [&](auto tag) { return word.starts_with(tag); });
    told += ours ? "&lt;" : "<";
  }
  return told;
}

Sections cut(std::string_view text) {
  Sections sections;
  for (const auto section : assembler::split_sections(text)) sections.emplace_back(section);
  return sections;
}

std::string joined(const Sections& sections) {
  std::string text;
  for (const auto& section : sections) text += section;
  return text;
}

/// Of an attribute and of a heading: escaping differs where a '<' ends the heading.
std::string comparable(std::string title) {
  boost::algorithm::replace_all(title, "&quot;", "\"");
  boost::algorithm::replace_all(title, "&lt;", "<");
  return title;
}

std::optional<std::string> attribute(std::string_view tag, std::string_view name) {
  const auto start = fmt::format(" {}=\"", name);
  const auto found = tag.find(start);
  if (found == std::string_view::npos) return std::nullopt;
  const auto begin = found + start.size();
  return comparable(std::string(tag.substr(begin, tag.find('"', begin) - begin)));
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr std::size_t kMoreThanATitle = 1000;

/// The section that a tag names.
std::size_t find_section(const Sections& sections, std::string_view tag, std::string_view name) {
  const auto title = attribute(tag, name).value_or("");
  auto left = number(attribute(tag, "occurrence").value_or("1"));
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const auto start = comparable(sections[i].substr(0, kMoreThanATitle));
    if (assembler::section_title(start) == title && --left == 0) return i;
  }
  throw Contradiction(fmt::format("names a section '{}' that is not there", title));
}

/// Between `start` and `end`; moves `at` behind it. Nothing: there is no such start.
std::optional<std::string_view> between(std::string_view text, std::string_view start,
                                        std::string_view end, std::size_t& at) {
  const auto found = text.find(start, at);
  if (found == std::string_view::npos) return std::nullopt;
  const auto begin = found + start.size();
  const auto stop = text.find(end, begin);
  if (stop == std::string_view::npos) throw Contradiction("has a tag that is not closed");
  at = stop + end.size();
  return text.substr(begin, stop - begin);
}

std::string element(std::string_view entry, std::string_view name) {
  std::size_t at = 0;
  const auto text = between(entry, fmt::format("<{}>", name), fmt::format("</{}>", name), at);
  return std::string(text.value_or(""));
}

void supersede(std::string_view entry, Sections& sections) {
  std::vector<std::size_t> gone;
  std::size_t at = 0;
  while (const auto tag = between(entry, "<document_superseded ", "/>", at)) {
    gone.push_back(find_section(sections, " " + std::string(*tag), "section"));
  }
  std::ranges::sort(gone, std::greater<>());
  if (std::ranges::adjacent_find(gone) != gone.end()) {
    throw Contradiction("supersedes a section twice");
  }
  for (const auto i : gone) sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(i));
}

void add(std::string_view entry, Sections& sections) {
  std::size_t at = 0;
  while (const auto content = between(entry, "<document_content", "</document_content>", at)) {
    const auto end = content->find(">\n");
    const auto tag = content->substr(0, end);
    const auto added = cut(content->substr(end + 2));
    const bool behind = attribute(tag, "after").has_value();
    const auto place = behind ? 1 + find_section(sections, tag, "after") : 0;
    sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(place), added.begin(),
                    added.end());
  }
}

}  // namespace

/// Takes the documents of before to those after a layer.
class ToldDocuments::Reader {
 public:
  Reader(Documents& documents, std::size_t& index) : documents_(documents), index_(index) {}

  void read(const assembler::Layer& layer) {
    const auto quoted = '"' + layer.escaped + '"';
    const auto parsed = boost::json::parse(quoted);
    const std::string_view text(parsed.get_string().data(), parsed.get_string().size());
    if (text.size() != layer.text_bytes) throw Contradiction("a layer has not the size it says");
    std::size_t at = 0;
    while (const auto entry = between(text, "<document index=\"", "</document>\n", at)) {
      if (number(*entry) != ++index_) throw Contradiction("indexes are not in order");
      read_entry(*entry);
    }
  }

 private:
  void read_entry(std::string_view entry) {
    const auto source = element(entry, "source");
    const auto formerly = element(entry, "document_formerly");
    const auto says = [&](std::string_view tag) { return entry.find(tag) != entry.npos; };
    const auto known = documents_.find(formerly.empty() ? source : formerly);
    Sections sections;
    if (known != documents_.end()) {
      sections = std::move(known->second);
      documents_.erase(known);
    } else if (!formerly.empty() || says("<document_superseded") || says("<document_removed/>")) {
      throw Contradiction(fmt::format("{}: supersedes what was never said", source));
    }
    if (says("<document_removed/>")) return;
    if (says("<document_superseded/>")) sections.clear();
    try {
      supersede(entry, sections);
      add(entry, sections);
    } catch (const Contradiction& wrong) {
      throw Contradiction(fmt::format("{}: {}", source, wrong.what()));
    }
    if (!documents_.emplace(source, std::move(sections)).second) {
      throw Contradiction(fmt::format("{}: is said twice", source));
    }
  }

  Documents& documents_;
  std::size_t& index_;
};

std::optional<std::string> ToldDocuments::check(const std::vector<assembler::Layer>& layers,
                                                const assembler::Snapshot& current) {
  std::size_t kept = 0;
  while (kept < std::min(layers.size(), read_.size()) && read_[kept].layer == layers[kept].hash) {
    ++kept;
  }
  read_.resize(kept);
  try {
    for (auto i = kept; i < layers.size(); ++i) {
      AfterLayer after = i > 0 ? read_.back() : AfterLayer();
      after.layer = layers[i].hash;
      Reader(after.documents, after.last_index).read(layers[i]);
      read_.push_back(std::move(after));
    }
  } catch (const std::exception& wrong) {
    return wrong.what();
  }
  auto left = read_.empty() ? Documents() : read_.back().documents;
  for (const auto& document : current) {
    const auto told = left.find(as_told(document->path));
    if (told == left.end()) return document->path + ": is not told";
    if (joined(told->second) != as_told(document->text)) {
      return document->path + ": is told otherwise than it is";
    }
    left.erase(told);
  }
  if (!left.empty()) return left.begin()->first + ": is told, and is not current";
  return std::nullopt;
}

}  // namespace foreword::tools
