#include "tools/extract/docx_styles.h"

#include <algorithm>
#include <charconv>

namespace foreword::tools {
namespace {

int number(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c < 0x80 ? std::tolower(c) : c);
  });
  return out;
}

/// Outline levels begin at 0; 9 is "body text".
int heading_of_outline(std::string_view level) {
  const int value = number(level, 9);
  return value >= 0 && value < 9 ? std::min(value + 1, 6) : 0;
}

ListPlace list_place(const pugi::xml_node& properties) {
  const auto numbering = child_of(properties, "numPr");
  ListPlace place;
  place.list = value_of(numbering, "numId");
  if (place.list == "0") place.list.clear();  // "no list after all"
  place.depth = std::clamp(number(value_of(numbering, "ilvl"), 0), 0, 8);
  return place;
}

}  // namespace

std::string_view local_name(const char* name) {
  const std::string_view whole(name);
  return whole.substr(whole.find(':') + 1);
}

pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name) {
  for (const auto& child : node.children()) {
    if (local_name(child.name()) == name) return child;
  }
  return {};
}

std::string_view attribute_of(const pugi::xml_node& node, std::string_view name) {
  for (const auto& attribute : node.attributes()) {
    if (local_name(attribute.name()) == name) return attribute.value();
  }
  return {};
}

std::string_view value_of(const pugi::xml_node& node, std::string_view name) {
  return attribute_of(child_of(node, name), "val");
}

DocxStyles::DocxStyles(const pugi::xml_document& styles, const pugi::xml_document& numbering,
                       const pugi::xml_document& relations) {
  for (const auto& style : styles.document_element().children()) {
    if (local_name(style.name()) == "style") read_style(style);
  }
  std::map<std::string, pugi::xml_node, std::less<>> abstract;
  for (const auto& entry : numbering.document_element().children()) {
    if (local_name(entry.name()) == "abstractNum") {
      abstract[std::string(attribute_of(entry, "abstractNumId"))] = entry;
    }
  }
  for (const auto& entry : numbering.document_element().children()) {
    if (local_name(entry.name()) != "num") continue;
    const auto definition = abstract.find(value_of(entry, "abstractNumId"));
    if (definition == abstract.end()) continue;
    for (const auto& level : definition->second.children()) {
      if (local_name(level.name()) != "lvl") continue;
      const auto format = value_of(level, "numFmt");
      numbered_[{std::string(attribute_of(entry, "numId")),
                 number(attribute_of(level, "ilvl"), 0)}] = format != "bullet" && format != "none";
    }
  }
  for (const auto& relation : relations.document_element().children()) {
    if (attribute_of(relation, "TargetMode") != "External") continue;
    links_[std::string(attribute_of(relation, "Id"))] = attribute_of(relation, "Target");
  }
}

void DocxStyles::read_style(const pugi::xml_node& style) {
  const auto name = lower(value_of(style, "name"));
  const auto properties = child_of(style, "pPr");
  Style read;
  read.based_on = value_of(style, "basedOn");
  if (name == "title") {
    read.kind.heading = 1;
  } else if (name.starts_with("heading ")) {
    read.kind.heading = std::clamp(number(name.substr(8), 0), 0, 6);
  } else {
    read.kind.heading = heading_of_outline(value_of(properties, "outlineLvl"));
  }
  read.is_heading_or_not = read.kind.heading > 0 || child_of(properties, "outlineLvl");
  read.kind.code = name == "source code" || name == "html preformatted" || name == "code" ||
                   name == "plain text" || name == "preformatted text" || name == "macro text";
  read.kind.item = list_place(properties);
  styles_[std::string(attribute_of(style, "styleId"))] = std::move(read);
}

ParagraphKind DocxStyles::kind_of_style(std::string_view id) const {
  constexpr int kMostAncestors = 16;  // a style can be based on itself
  ParagraphKind kind;
  bool heading_known = false;
  for (int i = 0; i < kMostAncestors && !id.empty(); ++i) {
    const auto found = styles_.find(id);
    if (found == styles_.end()) break;
    const auto& style = found->second;
    if (!heading_known) kind.heading = style.kind.heading;
    heading_known |= style.is_heading_or_not;
    kind.code |= style.kind.code;
    if (kind.item.list.empty()) kind.item = style.kind.item;
    id = style.based_on;
  }
  return kind;
}

ParagraphKind DocxStyles::kind_of(const pugi::xml_node& paragraph) const {
  const auto properties = child_of(paragraph, "pPr");
  auto kind = kind_of_style(value_of(properties, "pStyle"));
  if (child_of(properties, "outlineLvl")) {
    kind.heading = heading_of_outline(value_of(properties, "outlineLvl"));
  }
  if (child_of(properties, "numPr")) kind.item = list_place(properties);
  if (kind.heading > 0) kind.item = {};  // a numbered heading is no item of a list
  return kind;
}

bool DocxStyles::is_numbered(const ListPlace& place) const {
  const auto found = numbered_.find({place.list, place.depth});
  return found != numbered_.end() && found->second;
}

std::string_view DocxStyles::link_target(std::string_view relation) const {
  const auto found = links_.find(relation);
  return found == links_.end() ? std::string_view() : found->second;
}

}  // namespace foreword::tools
