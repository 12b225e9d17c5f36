#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <pugixml.hpp>

#include "config/limits.h"
#include "tools/extract/docx_styles.h"
#include "tools/extract/extract.h"
#include "tools/extract/markdown_writer.h"
#include "tools/extract/zip_parts.h"

namespace foreword::tools {
namespace {

using config::Error;
using config::Result;

constexpr unsigned kParseOptions = pugi::parse_default | pugi::parse_ws_pcdata;

/// Text that a reader does not see, or sees twice.
bool is_unseen(std::string_view name) {
  constexpr std::string_view kUnseen[] = {"del",      "moveFrom", "delText", "instrText", "rPr",
                                          "pPr",      "tblPr",    "tcPr",    "trPr",      "sectPr",
                                          "Fallback", "tblGrid",  "sdtPr",   "proofErr"};
  return std::ranges::find(kUnseen, name) != std::end(kUnseen);
}

/// Walks the body and tells the writer what begins and what ends.
class BodyWriter {
 public:
  explicit BodyWriter(const DocxStyles& styles) : styles_(styles) {}

  void write(const pugi::xml_node& root) {
    auto node = root;
    while (node) {
      const bool inside = enter(node);
      if (inside && node.first_child()) {
        node = node.first_child();
        continue;
      }
      if (inside) leave(node);
      while (node != root && !node.next_sibling()) {
        node = node.parent();
        leave(node);
      }
      if (node == root) break;
      node = node.next_sibling();
    }
    end_code();
  }

  /// `notes`: of word/footnotes.xml, each written behind the text under the number that stands in
  /// it.
  void write_notes(const pugi::xml_node& notes) {
    std::map<std::string_view, pugi::xml_node> by_id;
    for (const auto& note : notes.children()) by_id[attribute_of(note, "id")] = note;
    const auto ids = std::exchange(notes_, {});
    for (const auto& id : ids) {
      const auto note = by_id.find(id);
      if (note == by_id.end()) continue;
      writer_.end_block();
      writer_.begin_item("[^" + id + "]: ");
      write(note->second);
      writer_.end_item();
    }
  }

  std::string take() { return writer_.take(); }

 private:
  bool enter(const pugi::xml_node& node) {
    if (node.type() != pugi::node_element) return false;
    const auto name = local_name(node.name());
    if (is_unseen(name)) return false;
    if (name == "p") {
      begin_paragraph(node);
    } else if (name == "t") {
      take_text(node.child_value());
      return false;
    } else if (name == "tab") {
      take_text("\t");
    } else if (name == "br" || name == "cr") {
      code_ ? writer_.verbatim("\n") : writer_.line_break();
    } else if (name == "noBreakHyphen") {
      take_text("-");
    } else if (name == "footnoteReference") {
      notes_.emplace_back(attribute_of(node, "id"));
      take_text("[^" + notes_.back() + "]");
    } else if (name == "hyperlink" && !code_) {
      writer_.begin_link();
    } else {
      enter_table(node, name);
    }
    return true;
  }

  void enter_table(const pugi::xml_node& node, std::string_view name) {
    if (name == "tbl") {
      end_code();
      writer_.begin_table();
      ++tables_;
    } else if (tables_ > 0 && name == "tr") {
      writer_.begin_row();
    } else if (tables_ > 0 && name == "tc") {
      std::size_t columns = 1;
      const auto text = value_of(child_of(node, "tcPr"), "gridSpan");
      std::from_chars(text.data(), text.data() + text.size(), columns);
      writer_.begin_cell(columns, 1);
    }
  }

  void leave(const pugi::xml_node& node) {
    const auto name = local_name(node.name());
    if (name == "p") {
      end_paragraph();
    } else if (name == "hyperlink" && !code_) {
      writer_.end_link(styles_.link_target(attribute_of(node, "id")));
    } else if (name == "tbl") {
      --tables_;
      writer_.end_table();
    } else if (tables_ > 0 && name == "tc") {
      end_code();
      writer_.end_cell();
    }
  }

  void begin_paragraph(const pugi::xml_node& node) {
    paragraphs_.push_back(styles_.kind_of(node));
    const auto& kind = paragraphs_.back();
    if (kind.code && kind.heading == 0) {
      code_ ? writer_.verbatim("\n") : writer_.begin_code_block("");
      code_ = true;
      return;
    }
    end_code();
    if (kind.item.list.empty()) {
      writer_.end_block();
      after_item_ = false;
      if (kind.heading > 0) writer_.begin_heading(kind.heading);
      return;
    }
    if (!after_item_) writer_.end_block();
    after_item_ = true;
    for (int i = 0; i < kind.item.depth; ++i) writer_.begin_item("  ");
    writer_.begin_item(marker(kind.item));
  }

  void end_paragraph() {
    const auto kind = paragraphs_.back();
    paragraphs_.pop_back();
    if (kind.code && kind.heading == 0) return;
    if (kind.heading > 0) writer_.end_heading();
    if (kind.item.list.empty()) return writer_.end_block();
    for (int i = 0; i <= kind.item.depth; ++i) writer_.end_item();
  }

  std::string marker(const ListPlace& place) {
    auto& next = next_numbers_[place.list];
    next.resize(static_cast<std::size_t>(place.depth) + 1);  // deeper ones begin again
    ++next.back();
    return styles_.is_numbered(place) ? std::to_string(next.back()) + ". " : "- ";
  }

  void end_code() {
    if (code_) writer_.end_code_block();
    code_ = false;
  }

  void take_text(std::string_view text) { code_ ? writer_.verbatim(text) : writer_.text(text); }

  const DocxStyles& styles_;
  MarkdownWriter writer_;
  std::vector<ParagraphKind> paragraphs_;  // those that are open: a text box holds more of them
  std::map<std::string, std::vector<int>> next_numbers_;
  std::vector<std::string> notes_;
  int tables_ = 0;
  bool code_ = false;
  bool after_item_ = false;
};

/// An empty document where there is no such part.
Result<void> read_part(ZipParts& parts, const std::string& name, std::string& bytes,
                       pugi::xml_document& xml) {
  auto read = parts.read(name);
  if (!read) return read.error();
  if (!*read) return {};
  bytes = std::move(**read);
  if (!xml.load_buffer_inplace(bytes.data(), bytes.size(), kParseOptions)) {
    return Error{name + " in it is no XML"};
  }
  return {};
}

}  // namespace

Result<std::string> extract_docx(std::string_view bytes) {
  auto parts = ZipParts::open(bytes);
  if (!parts) return parts.error();
  struct Part {
    const char* name;
    std::string bytes;  // the tree points into them
    pugi::xml_document xml;
  };
  Part body{"word/document.xml", {}, {}};
  Part styles{"word/styles.xml", {}, {}};
  Part numbering{"word/numbering.xml", {}, {}};
  Part relations{"word/_rels/document.xml.rels", {}, {}};
  Part notes{"word/footnotes.xml", {}, {}};
  for (auto* part : {&body, &styles, &numbering, &relations, &notes}) {
    auto read = read_part(*parts, part->name, part->bytes, part->xml);
    if (!read) return read.error();
  }
  if (!body.xml.document_element()) return Error{"there is no word/document.xml in it"};
  const DocxStyles known(styles.xml, numbering.xml, relations.xml);
  BodyWriter writer(known);
  writer.write(body.xml.document_element());
  writer.write_notes(notes.xml.document_element());
  return Result<std::string>(boost::system::in_place_value, writer.take());
}

}  // namespace foreword::tools
