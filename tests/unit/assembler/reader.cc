#include "reader.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <boost/algorithm/string/replace.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "assembler/section.h"

namespace foreword::assembler {
namespace {

using Sections = std::vector<std::string>;

/// What stands between two strings, from `at` on, which moves behind both; nothing where one of
/// them is not there.
std::optional<std::string> next_between(const std::string& text, std::size_t& at,
                                        const std::string& start, const std::string& stop) {
  const auto found = text.find(start, at);
  if (found == std::string::npos) return {};
  const auto begin = found + start.size();
  const auto end = text.find(stop, begin);
  if (end == std::string::npos) return {};
  at = end + stop.size();
  return text.substr(begin, end - begin);
}

std::string attribute(const std::string& tag, const std::string& name) {
  const auto start = " " + name + "=\"";
  const auto found = tag.find(start);
  if (found == std::string::npos) return {};
  const auto begin = found + start.size();
  auto value = tag.substr(begin, tag.find('"', begin) - begin);
  boost::algorithm::replace_all(value, "&quot;", "\"");
  return value;
}

Sections cut(const std::string& text) {
  Sections sections;
  for (const auto section : split_sections(text)) sections.emplace_back(section);
  return sections;
}

/// The position of the section that a tag names.
std::size_t find_section(const Sections& sections, const std::string& title,
                         const std::string& occurrence) {
  auto left = occurrence.empty() ? 1 : std::stoi(occurrence);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (section_title(sections[i]) == title && --left == 0) return i;
  }
  ADD_FAILURE() << "no section '" << title << "' " << occurrence;
  return 0;
}

/// What the tags of one <document> say.
class Entry {
 public:
  explicit Entry(const std::string& text) : text_(text) {}

  std::string element(const std::string& name) const {
    const auto start = "<" + name + ">";
    const auto found = text_.find(start);
    if (found == std::string::npos) return {};
    const auto begin = found + start.size();
    return text_.substr(begin, text_.find("</" + name + ">", begin) - begin);
  }
  bool says(const std::string& tag) const { return text_.find(tag) != std::string::npos; }

  void supersede(Sections& sections) const {
    std::vector<std::size_t> gone;
    std::size_t at = 0;
    while (const auto tag = next_between(text_, at, "<document_superseded section", "/>")) {
      const auto named = " section" + *tag;
      gone.push_back(
          find_section(sections, attribute(named, "section"), attribute(named, "occurrence")));
    }
    std::ranges::sort(gone, std::greater<>());
    EXPECT_EQ(std::ranges::adjacent_find(gone), gone.end()) << text_;
    for (const auto i : gone) sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(i));
  }

  void add(Sections& sections) const {
    std::size_t from = 0;
    while (const auto tag = next_between(text_, from, "<document_content", ">\n")) {
      const auto text = next_between(text_, from, "", "</document_content>");
      ASSERT_TRUE(text) << text_;
      const auto added = cut(*text);
      std::size_t at = 0;
      if (!attribute(*tag, "after").empty()) {
        at = 1 + find_section(sections, attribute(*tag, "after"), attribute(*tag, "occurrence"));
      }
      sections.insert(sections.begin() + static_cast<std::ptrdiff_t>(at), added.begin(),
                      added.end());
    }
  }

 private:
  const std::string& text_;
};

std::string joined(const Sections& sections) {
  std::string text;
  for (const auto& section : sections) text += section;
  return text;
}

void read_entry(const std::string& text, Documents& documents) {
  const Entry entry(text);
  const auto source = entry.element("source");
  const auto formerly = entry.element("document_formerly");
  const auto known = documents.find(formerly.empty() ? source : formerly);
  Sections sections;
  if (known != documents.end()) {
    sections = cut(known->second);
    documents.erase(known);
  } else {
    EXPECT_EQ(formerly, "") << text;
    EXPECT_FALSE(entry.says("<document_superseded")) << text;
    EXPECT_FALSE(entry.says("<document_removed/>")) << text;
  }
  if (entry.says("<document_removed/>")) return;
  if (entry.says("<document_superseded/>")) sections.clear();
  entry.supersede(sections);
  entry.add(sections);
  documents[source] = joined(sections);
}

std::string unescaped(std::string_view escaped) {
  return std::string(boost::json::parse('"' + std::string(escaped) + '"').as_string());
}

/// Every <document> of the text, which is the next one's index.
void read_entries(const std::string& text, std::size_t& index, Documents& documents) {
  static const std::string kEnd = "</document>\n";
  for (auto at = text.find("<document index="); at != std::string::npos;
       at = text.find("<document index=", at + 1)) {
    const auto entry = text.substr(at, text.find(kEnd, at) - at);
    EXPECT_EQ(attribute(entry, "index"), std::to_string(++index));
    read_entry(entry, documents);
  }
}

}  // namespace

Documents read_as_told(std::span<const Layer> layers) {
  Documents documents;
  std::size_t index = 0;
  for (const auto& layer : layers) {
    const auto text = unescaped(layer.escaped);
    EXPECT_EQ(text.size(), layer.text_bytes);
    read_entries(text, index, documents);
  }
  return documents;
}

std::map<std::string, Documents> read_bases_as_told(std::span<const KnowledgeLayer> layers) {
  std::string text;
  for (const auto& layer : layers) {
    text += unescaped(layer.opening) + unescaped(layer.escaped) + unescaped(layer.closing);
  }
  std::map<std::string, Documents> bases;
  std::size_t at = 0;
  while (const auto name = next_between(text, at, "<knowledge_base name=\"", "\">\n")) {
    const auto base = next_between(text, at, "", "</knowledge_base>\n");
    EXPECT_TRUE(base) << "a base without an end";
    if (!base) break;
    EXPECT_EQ(base->find("<knowledge_base"), std::string::npos) << "one base inside of another";
    std::size_t index = 0;
    read_entries(*base, index, bases[*name]);
  }
  return bases;
}

}  // namespace foreword::assembler
