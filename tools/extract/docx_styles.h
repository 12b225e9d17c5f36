// What a DOCX says elsewhere about its paragraphs: which styles are headings, code or lists, how
// lists are numbered, where links go.
//
// Values, copied out of the parts that say so; all names are of WordprocessingML (ECMA-376).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <pugixml.hpp>

namespace foreword::tools {

/// Elements and attributes without their namespace's prefix.
[[nodiscard]] std::string_view local_name(const char* name);
[[nodiscard]] pugi::xml_node child_of(const pugi::xml_node& node, std::string_view name);
[[nodiscard]] std::string_view attribute_of(const pugi::xml_node& node, std::string_view name);
/// The attribute `val` of the child `name`, or "".
[[nodiscard]] std::string_view value_of(const pugi::xml_node& node, std::string_view name);

/// A list's number and the depth of the item in it; no number: it is no item.
struct ListPlace {
  std::string list;
  int depth = 0;
};

struct ParagraphKind {
  int heading = 0;  // 1 to 6; 0: none
  bool code = false;
  ListPlace item;
};

class DocxStyles {
 public:
  /// Each of the parts may be missing: an empty document.
  DocxStyles(const pugi::xml_document& styles, const pugi::xml_document& numbering,
             const pugi::xml_document& relations);

  [[nodiscard]] ParagraphKind kind_of(const pugi::xml_node& paragraph) const;
  [[nodiscard]] bool is_numbered(const ListPlace& place) const;
  /// Outside of the document; "" where there is nothing of that id.
  [[nodiscard]] std::string_view link_target(std::string_view relation) const;

 private:
  struct Style {
    std::string based_on;
    ParagraphKind kind;
    bool is_heading_or_not = false;  // it says so itself
  };
  void read_style(const pugi::xml_node& style);
  [[nodiscard]] ParagraphKind kind_of_style(std::string_view id) const;

  std::map<std::string, Style, std::less<>> styles_;
  std::map<std::pair<std::string, int>, bool> numbered_;
  std::map<std::string, std::string, std::less<>> links_;
};

}  // namespace foreword::tools
