// Looks at a parsed page: what its elements are, what of it is the main text, and what stands
// around that to navigate by.
//
// Views into libxml2's tree, which has to outlive them.
#pragma once

#include <initializer_list>
#include <string_view>

#include <libxml/tree.h>

namespace foreword::tools {

/// Its name in lower case; empty for what is no element.
[[nodiscard]] std::string_view element_name(const xmlNode* node);
[[nodiscard]] bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names);
/// The first text of an attribute, or "".
[[nodiscard]] std::string_view attribute(const xmlNode* node, std::string_view name);
[[nodiscard]] bool has_attribute(const xmlNode* node, std::string_view name);
/// Whether `word` is one of the words of its class attribute.
[[nodiscard]] bool has_class(const xmlNode* node, std::string_view word);

/// The next node in the order of the text, within `root`; nullptr at the end. Without recursion:
/// pages can be nested as deep as they like.
[[nodiscard]] const xmlNode* next_node(const xmlNode* node, const xmlNode* root,
                                       bool into_children = true);

/// Scripts, styles, navigation, forms, what is hidden. `in_main`: within the main text, where
/// headers, footers and asides belong to it.
[[nodiscard]] bool is_chrome(const xmlNode* element, bool in_main);

/// <main>, role="main", a single <article>; else the whole body.
[[nodiscard]] const xmlNode* main_content(const xmlNode* root);
/// Whether main_content() found more than the body.
[[nodiscard]] bool is_main(const xmlNode* element);
/// Rows and cells of text, as against a table that only arranges parts of the page.
[[nodiscard]] bool is_data_table(const xmlNode* table);

}  // namespace foreword::tools
