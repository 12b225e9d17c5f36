#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>
#include <vector>

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include "config/limits.h"
#include "tools/extract/extract.h"
#include "tools/extract/html_tree.h"
#include "tools/extract/markdown_writer.h"

namespace foreword::tools {
namespace {

using config::Error;
using config::Result;
namespace limits = config::limits;

std::size_t span_of(const xmlNode* cell, std::string_view name) {
  const auto text = attribute(cell, name);
  std::size_t span = 1;
  std::from_chars(text.data(), text.data() + text.size(), span);
  return std::clamp<std::size_t>(span, 1, limits::kMaxSpan);
}

/// "language-cpp" of <code>, "highlight-sh" of what Sphinx puts around a <pre>.
std::string_view language_of(const xmlNode* pre) {
  const auto in_classes = [](const xmlNode* node, std::string_view prefix) {
    auto words = attribute(node, "class");
    while (!words.empty()) {
      const auto end = std::min(words.find(' '), words.size());
      const auto word = words.substr(0, end);
      if (word.starts_with(prefix)) return word.substr(prefix.size());
      words.remove_prefix(std::min(end + 1, words.size()));
    }
    return std::string_view();
  };
  auto found = in_classes(pre, "language-");
  if (found.empty() && pre->children != nullptr) found = in_classes(pre->children, "language-");
  const auto* around = pre->parent;
  for (int i = 0; i < 2 && found.empty() && around != nullptr; ++i, around = around->parent) {
    found = in_classes(around, "highlight-");
  }
  return is_one_of(found, {"default", "none", "text", "source"}) ? std::string_view() : found;
}

/// Walks the tree and tells the writer what begins and what ends.
class PageWriter {
 public:
  explicit PageWriter(bool in_main) : in_main_(in_main ? 1 : 0) {}

  std::string write(const xmlNode* root, std::string_view title) {
    const auto* node = root;
    while (node != nullptr) {
      const bool inside = enter(node);
      if (inside && node->type == XML_ELEMENT_NODE && node->children != nullptr) {
        node = node->children;
        continue;
      }
      if (inside) leave(node);
      while (node != root && node->next == nullptr) {
        node = node->parent;
        leave(node);
      }
      node = node == root ? nullptr : node->next;
    }
    writer_.title_if_missing(title);
    return writer_.take();
  }

 private:
  /// false: nothing of it is written, and leave() is not called.
  bool enter(const xmlNode* node) {
    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
      take_text(reinterpret_cast<const char*>(node->content));
      return false;
    }
    if (node->type != XML_ELEMENT_NODE || is_chrome(node, in_main_ > 0)) return false;
    if (is_main(node)) ++in_main_;
    const auto name = element_name(node);
    if (in_code_block_ > 0) {
      if (name == "br") writer_.verbatim("\n");
      if (name == "pre") ++in_code_block_;
      return true;
    }
    if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
      writer_.begin_heading(name[1] - '0');
    } else if (!enter_list(node, name) && !enter_table(node, name) && !enter_code(node, name)) {
      if (name == "br") writer_.line_break();
      if (name == "hr" || is_block(name)) writer_.end_block();
      if (name == "blockquote") writer_.begin_quote();
      if (is_link(name)) writer_.begin_link();
      if (name == "img") take_text(attribute(node, "alt"));
    }
    return true;
  }

  void leave(const xmlNode* node) {
    if (is_main(node)) --in_main_;
    const auto name = element_name(node);
    if (in_code_block_ > 0) {
      if (name == "pre" && --in_code_block_ == 0) writer_.end_code_block();
      return;
    }
    if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
      writer_.end_heading();
    } else if (!leave_list(name) && !leave_table(name)) {
      if (is_inline_code(name) && --inline_code_ == 0) writer_.end_code();
      if (name == "blockquote") writer_.end_quote();
      if (is_link(name)) writer_.end_link(link_target(node));
      if (is_block(name)) writer_.end_block();
    }
  }

  bool enter_list(const xmlNode* node, std::string_view name) {
    if (is_one_of(name, {"ul", "ol", "menu"})) {
      lists_.empty() ? writer_.end_block() : writer_.next_line();
      int start = 1;
      const auto text = attribute(node, "start");
      std::from_chars(text.data(), text.data() + text.size(), start);
      lists_.push_back({name == "ol", start});
    } else if (name == "li") {
      const bool numbered = !lists_.empty() && lists_.back().numbered;
      writer_.begin_item(numbered ? std::to_string(lists_.back().next++) + ". " : "- ");
    } else if (name == "dt") {
      writer_.line_break();
    } else if (name == "dd") {
      writer_.begin_item(": ");
    } else {
      return false;
    }
    return true;
  }

  bool leave_list(std::string_view name) {
    if (is_one_of(name, {"ul", "ol", "menu"})) {
      lists_.pop_back();
      lists_.empty() ? writer_.end_block() : writer_.line_break();
    } else if (is_one_of(name, {"li", "dd"})) {
      writer_.end_item();
    } else if (name == "dt") {
      writer_.line_break();
    } else {
      return false;
    }
    return true;
  }

  bool enter_table(const xmlNode* node, std::string_view name) {
    if (name == "table") {
      tables_.push_back(is_data_table(node));
      tables_.back() ? writer_.begin_table() : writer_.end_block();
    } else if (tables_.empty() || !is_one_of(name, {"tr", "td", "th"})) {
      return false;
    } else if (!tables_.back()) {
      writer_.end_block();
    } else if (name == "tr") {
      writer_.begin_row();
    } else {
      writer_.begin_cell(span_of(node, "colspan"), span_of(node, "rowspan"));
    }
    return true;
  }

  bool leave_table(std::string_view name) {
    if (name == "table") {
      const bool data = tables_.back();
      tables_.pop_back();
      data ? writer_.end_table() : writer_.end_block();
    } else if (tables_.empty() || !is_one_of(name, {"tr", "td", "th"})) {
      return false;
    } else if (!tables_.back()) {
      writer_.end_block();
    } else if (name != "tr") {
      writer_.end_cell();
    }
    return true;
  }

  bool enter_code(const xmlNode* node, std::string_view name) {
    if (name == "pre") {
      in_code_block_ = 1;
      writer_.begin_code_block(language_of(node));
    } else if (is_inline_code(name)) {
      if (inline_code_++ == 0) writer_.begin_code();
    } else {
      return false;
    }
    return true;
  }

  void take_text(std::string_view text) {
    in_code_block_ > 0 ? writer_.verbatim(text) : writer_.text(text);
  }

  /// Within code the signs of a link would be part of it.
  [[nodiscard]] bool is_link(std::string_view name) const {
    return name == "a" && inline_code_ == 0;
  }

  static bool is_inline_code(std::string_view name) {
    return is_one_of(name, {"code", "kbd", "samp", "tt"});
  }

  static bool is_block(std::string_view name) {
    return is_one_of(
        name, {"p",       "div",     "section",    "article", "main",   "body",       "header",
               "footer",  "aside",   "blockquote", "dl",      "figure", "figcaption", "details",
               "summary", "address", "fieldset",   "form",    "center", "caption",    "hr"});
  }

  /// Within the page there is nothing to go to, in what is left of it.
  static std::string_view link_target(const xmlNode* link) {
    const auto target = attribute(link, "href");
    const bool outward = !target.empty() && !target.starts_with('#') &&
                         !target.starts_with("javascript:") && !target.starts_with("data:") &&
                         !target.starts_with("mailto:") &&
                         target.find_first_of(" \t\r\n()") == std::string_view::npos;
    return outward ? target : std::string_view();
  }

  struct List {
    bool numbered = false;
    int next = 1;
  };

  MarkdownWriter writer_;
  int in_main_ = 0;
  int in_code_block_ = 0;
  int inline_code_ = 0;
  std::vector<List> lists_;
  std::vector<bool> tables_;  // whether each holds data
};

std::string title_of(const xmlNode* root) {
  for (const auto* node = root; node != nullptr; node = next_node(node, root)) {
    if (element_name(node) != "title" || node->children == nullptr) continue;
    const auto* content = reinterpret_cast<const char*>(node->children->content);
    return content == nullptr ? "" : content;
  }
  return "";
}

}  // namespace

Result<std::string> extract_html(std::string_view bytes) {
  xmlParserMaxDepth = limits::kMaxHtmlDepth;
  const std::unique_ptr<htmlParserCtxt, decltype(&htmlFreeParserCtxt)> parser(htmlNewParserCtxt(),
                                                                              &htmlFreeParserCtxt);
  if (!parser) return Error{"there is not enough memory to read it"};
  const int options =
      HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
  const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> page(
      htmlCtxtReadMemory(parser.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr,
                         nullptr, options),
      &xmlFreeDoc);
  const auto* failure = xmlCtxtGetLastError(parser.get());
  const bool stopped = parser->disableSAX != 0;
  if (stopped && failure != nullptr && failure->code == XML_ERR_INTERNAL_ERROR) {
    return Error{"its elements are nested more than " + std::to_string(limits::kMaxHtmlDepth) +
                 " deep"};
  }
  const auto* root = page ? xmlDocGetRootElement(page.get()) : nullptr;
  if (root == nullptr || stopped) return Error{"it cannot be read as HTML"};
  const auto* main = main_content(root);
  const bool in_main = main != root;
  const auto title = title_of(root);
  return Result<std::string>(boost::system::in_place_value, PageWriter(in_main).write(main, title));
}

}  // namespace foreword::tools
