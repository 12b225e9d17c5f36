// Writes Markdown from the events of a document's structure, whatever format it came from.
//
// begin_ and end_ come in pairs, as a tree is walked. Blocks that stay empty leave nothing behind.
// Text is not escaped: it is read by a model, to which a stray '*' does less harm than a backslash.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::tools {

class MarkdownWriter {
 public:
  /// Runs of white space become one space; soft hyphens and zero-width spaces vanish.
  void text(std::string_view text);
  void line_break();
  /// What follows stands on the next line, even where a block has just ended.
  void next_line();
  /// What follows stands behind a blank line.
  void end_block();

  void begin_heading(int level);  // 1 to 6
  void end_heading();

  /// An item of a list; `marker` is "- " or "3. " or ": ".
  void begin_item(std::string marker);
  void end_item();
  void begin_quote();
  void end_quote();

  /// Between these, verbatim() only.
  void begin_code_block(std::string_view language);
  void verbatim(std::string_view text);
  void end_code_block();

  /// Code in a line of text.
  void begin_code();
  void end_code();
  void begin_link();
  /// Without a URL, or around nothing, the text stays as it is.
  void end_link(std::string_view url);

  /// A table within a cell of another is written as text of that cell.
  void begin_table();
  void begin_row();
  /// `rows` and `columns`: how many of each it spans.
  void begin_cell(std::size_t columns, std::size_t rows);
  void end_cell();
  void end_table();

  /// A line in front of all others, as a heading of level 1, where the text has none.
  void title_if_missing(std::string_view title);
  [[nodiscard]] std::string take();

 private:
  struct Level {
    std::string first;  // in front of its first line
    std::string rest;   // in front of the others
    bool begun = false;
    bool blank_lines = false;  // between its blocks
  };
  struct Cell {
    std::string text;
    std::size_t rows = 1;
  };
  struct Table {
    std::vector<std::vector<Cell>> rows;
    std::string text_before;
    int line_ends_before = 0;
    std::size_t columns = 1;  // of the cell that is being written
    std::size_t cell_rows = 1;
    std::size_t spanned = 0;  // cells so far that others reach into
  };

  void begin_line();
  void want_line_ends(int count);
  void append_row(const std::vector<std::string>& cells);
  [[nodiscard]] bool in_cell() const { return cell_depth_ > 0; }
  [[nodiscard]] bool at_line_start() const { return line_ends_ > 0 || out_.empty(); }

  std::string out_;
  std::vector<Level> levels_;
  int line_ends_ = 0;  // wanted before the next text
  bool space_ = false;
  int heading_depth_ = 0;
  bool has_title_ = false;
  std::string code_block_;
  std::string code_language_;
  std::vector<std::size_t> inline_starts_;  // where open links and code begin
  Table table_;
  int table_depth_ = 0;
  int cell_depth_ = 0;
};

}  // namespace foreword::tools
