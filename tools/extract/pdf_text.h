// The text of a PDF's pages, as a person would have typed it.
//
// Pure. What comes in is what a PDF library reads off a page: lines as they are set, with a blank
// line between blocks where the library saw one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace foreword::tools {

/// An entry of a document's outline.
struct OutlineEntry {
  int level = 1;
  std::string title;
};

/// One text of all pages. Entries of tables of contents, lines that stand at the top or the bottom
/// of most pages, and page numbers, are dropped, and long runs of spaces shortened. A word that is
/// hyphenated at a line's end is joined where the next line goes on in lower case. A line that says
/// what the next entry of the outline says becomes its heading.
[[nodiscard]] std::string join_pages(const std::vector<std::string>& pages,
                                     const std::vector<OutlineEntry>& outline);

/// Whether the page, with its text where it is set, is prose in two columns: half of its lines have
/// a gap that ends in the same place, between two long pieces of text.
[[nodiscard]] bool is_set_in_columns(std::string_view page);

}  // namespace foreword::tools
