#include "tools/extract/html_tree.h"

#include <algorithm>

namespace foreword::tools {
namespace {

std::string_view as_view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

const xmlAttr* find_attribute(const xmlNode* node, std::string_view name) {
  if (node->type != XML_ELEMENT_NODE) return nullptr;
  for (const auto* at = node->properties; at != nullptr; at = at->next) {
    if (as_view(at->name) == name) return at;
  }
  return nullptr;
}

/// What generators of documentation put around a page's text, and between its parts.
constexpr std::string_view kChromeClasses[] = {
    "headerlink",     "navheader",      "navfooter",       "toc",
    "breadcrumb",     "breadcrumbs",    "skip-link",       "skiplink",
    "mw-editsection", "edit-this-page", "copiable-anchor", "copiable-link"};
/// Within the text the same words name boxes that belong to it.
constexpr std::string_view kOuterChromeClasses[] = {"related", "sphinxsidebar", "sidebar",
                                                    "navbar"};

constexpr std::string_view kNoteClasses[] = {"note", "tip", "important", "caution", "warning"};

bool is_blank(const xmlNode* root) {
  for (const auto* node = root; node != nullptr;) {
    const bool chrome = is_chrome(node, true);
    if (node->type == XML_TEXT_NODE &&
        as_view(node->content).find_first_not_of(" \t\r\n") != std::string_view::npos) {
      return false;
    }
    node = next_node(node, root, !chrome);
  }
  return true;
}

}  // namespace

std::string_view element_name(const xmlNode* node) {
  return node->type == XML_ELEMENT_NODE ? as_view(node->name) : std::string_view();
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view attribute(const xmlNode* node, std::string_view name) {
  const auto* found = find_attribute(node, name);
  if (found == nullptr || found->children == nullptr) return {};
  return as_view(found->children->content);
}

bool has_attribute(const xmlNode* node, std::string_view name) {
  return find_attribute(node, name) != nullptr;
}

bool has_class(const xmlNode* node, std::string_view word) {
  auto words = attribute(node, "class");
  while (!words.empty()) {
    const auto end = std::min(words.find_first_of(" \t\r\n\f"), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

const xmlNode* next_node(const xmlNode* node, const xmlNode* root, bool into_children) {
  // Entities and attributes have children that are no part of the tree.
  if (into_children && node->type == XML_ELEMENT_NODE && node->children != nullptr) {
    return node->children;
  }
  while (node != root) {
    if (node->next != nullptr) return node->next;
    node = node->parent;
  }
  return nullptr;
}

bool is_chrome(const xmlNode* element, bool in_main) {
  const auto name = element_name(element);
  if (name.empty()) return false;
  if (is_one_of(name, {"script", "style", "nav", "template", "noscript", "iframe", "object", "svg",
                       "canvas", "audio", "video", "button", "select", "input", "textarea", "head",
                       "link", "meta"})) {
    return true;
  }
  if (!in_main && is_one_of(name, {"header", "footer", "aside"})) return true;
  if (has_attribute(element, "hidden") || attribute(element, "aria-hidden") == "true") return true;
  const auto role = attribute(element, "role");
  if (is_one_of(role, {"navigation", "search"})) return true;
  if (!in_main && is_one_of(role, {"banner", "contentinfo", "complementary"})) return true;
  if (!has_attribute(element, "class")) return false;
  const auto is_word = [&](auto word) { return has_class(element, word); };
  return std::ranges::any_of(kChromeClasses, is_word) ||
         (!in_main && std::ranges::any_of(kOuterChromeClasses, is_word));
}

bool is_main(const xmlNode* element) {
  return is_one_of(element_name(element), {"main", "article"}) ||
         attribute(element, "role") == "main";
}

const xmlNode* main_content(const xmlNode* root) {
  const xmlNode* article = nullptr;
  std::size_t articles = 0;
  for (const auto* node = root; node != nullptr; node = next_node(node, root)) {
    const auto name = element_name(node);
    if ((name == "main" || attribute(node, "role") == "main") && !is_blank(node)) return node;
    if (name != "article") continue;
    ++articles;
    if (article == nullptr) article = node;
  }
  return articles == 1 && !is_blank(article) ? article : root;
}

bool is_data_table(const xmlNode* table) {
  if (is_one_of(attribute(table, "role"), {"presentation", "none"})) return false;
  // DocBook sets its notes as a picture beside a text.
  const auto* around = table->parent;
  if (around != nullptr &&
      std::ranges::any_of(kNoteClasses, [&](auto word) { return has_class(around, word); })) {
    return false;
  }
  std::size_t cells = 0;
  for (const auto* node = next_node(table, table); node != nullptr; node = next_node(node, table)) {
    const auto name = element_name(node);
    if (is_one_of(name, {"table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "form"})) return false;
    if (is_one_of(name, {"td", "th"})) ++cells;
  }
  return cells > 1;
}

}  // namespace foreword::tools
