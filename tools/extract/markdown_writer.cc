#include "tools/extract/markdown_writer.h"

#include <algorithm>
#include <utility>

namespace foreword::tools {
namespace {

/// Deeper ones are written at this depth: a thousand nested lists would indent each line by a
/// thousand columns.
constexpr std::size_t kMaxIndentedLevels = 12;
/// HTML takes 1000; more columns than this are no table that a person made.
constexpr std::size_t kMaxSpannedColumns = 64;
/// Cells of one table that are there only because another one spans their place, or because another
/// row is longer: some bytes of HTML could ask for any number.
constexpr std::size_t kMostSpannedCells = 1u << 18;

/// Of a link or code whose text has not come yet, and of one that is torn apart by a table.
constexpr std::size_t kNotBegun = std::string::npos;
constexpr std::size_t kTorn = std::string::npos - 1;

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";
constexpr std::string_view kSoftHyphen = "\xC2\xAD";
constexpr std::string_view kZeroWidthSpace = "\xE2\x80\x8B";
constexpr std::string_view kNoBreakZeroWidth = "\xEF\xBB\xBF";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// As many backticks as close no run within `text`, at least `least`.
std::string fence_for(std::string_view text, std::size_t least) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return std::string(longest >= least ? longest + 1 : least, '`');
}

std::string as_cell(std::string_view text) {
  std::string cell;
  for (const char c : trim(text)) {
    if (c == '|') cell += '\\';
    cell += is_space(c) ? ' ' : c;
  }
  return cell;
}

}  // namespace

void MarkdownWriter::want_line_ends(int count) {
  if (in_cell() || heading_depth_ > 0) {
    space_ = true;
    return;
  }
  // Behind the marker of an item its first block needs no blank line.
  const bool fresh = !levels_.empty() && !levels_.back().begun;
  if (!out_.empty()) line_ends_ = std::max(line_ends_, fresh ? 1 : count);
  space_ = false;
}

void MarkdownWriter::begin_line() {
  if (in_cell()) return;
  if (!out_.empty() && line_ends_ == 0) return;
  if (!out_.empty()) out_.append(static_cast<std::size_t>(line_ends_), '\n');
  const bool blank_line = line_ends_ > 1;
  line_ends_ = 0;
  space_ = false;
  for (auto& level : levels_) {
    out_ += level.begun ? level.rest : level.first;
    level.blank_lines |= level.begun && blank_line;
    level.begun = true;
  }
}

void MarkdownWriter::text(std::string_view text) {
  while (!text.empty()) {
    if (is_space(text.front())) {
      space_ = true;
      text.remove_prefix(1);
    } else if (text.starts_with(kNoBreakSpace)) {
      space_ = true;
      text.remove_prefix(kNoBreakSpace.size());
    } else if (text.starts_with(kSoftHyphen)) {
      text.remove_prefix(kSoftHyphen.size());
    } else if (text.starts_with(kZeroWidthSpace) || text.starts_with(kNoBreakZeroWidth)) {
      text.remove_prefix(kZeroWidthSpace.size());
    } else {
      const bool starts_line = at_line_start();
      begin_line();
      if (space_ && !starts_line && !is_space(out_.back())) out_ += ' ';
      space_ = false;
      std::ranges::replace(inline_starts_, kNotBegun, out_.size());
      const auto end = std::min(text.find_first_of(" \t\n\r\f\v\xC2\xE2\xEF", 1), text.size());
      out_ += text.substr(0, end);
      text.remove_prefix(end);
    }
  }
}

void MarkdownWriter::line_break() {
  want_line_ends(1);
}

void MarkdownWriter::next_line() {
  want_line_ends(1);
  if (!in_cell() && heading_depth_ == 0) line_ends_ = std::min(line_ends_, 1);
}

void MarkdownWriter::end_block() {
  want_line_ends(2);
}

void MarkdownWriter::begin_heading(int level) {
  want_line_ends(2);
  if (in_cell() || heading_depth_++ > 0) return;
  levels_.push_back({std::string(static_cast<std::size_t>(level), '#') + " ", "", false});
}

void MarkdownWriter::end_heading() {
  if (in_cell() || --heading_depth_ > 0) return;
  has_title_ |= levels_.back().begun && levels_.back().first == "# ";
  levels_.pop_back();
  want_line_ends(2);
}

void MarkdownWriter::begin_item(std::string marker) {
  want_line_ends(1);
  if (in_cell()) {
    if (!out_.empty()) text(";");
    space_ = true;
  }
  const bool indented = levels_.size() < kMaxIndentedLevels;
  const std::string rest(indented ? marker.size() : 0, ' ');
  levels_.push_back({indented ? std::move(marker) : std::string(), rest, false});
}

void MarkdownWriter::end_item() {
  const bool blank_lines = levels_.back().blank_lines;
  levels_.pop_back();
  want_line_ends(1);
  // Between items of one paragraph there is no blank line, whatever they were wrapped in.
  if (!in_cell() && heading_depth_ == 0 && !out_.empty()) line_ends_ = blank_lines ? 2 : 1;
}

void MarkdownWriter::begin_quote() {
  end_block();
  const std::string mark = levels_.size() < kMaxIndentedLevels ? "> " : "";
  levels_.push_back({mark, mark, false});
}

void MarkdownWriter::end_quote() {
  levels_.pop_back();
  end_block();
}

void MarkdownWriter::begin_code_block(std::string_view language) {
  end_block();
  code_block_.clear();
  code_language_ = language;
}

void MarkdownWriter::verbatim(std::string_view text) {
  code_block_ += text;
}

void MarkdownWriter::end_code_block() {
  std::string code = std::move(code_block_);
  code_block_.clear();
  std::string::size_type at = 0;
  while ((at = code.find(kNoBreakSpace, at)) != std::string::npos) {
    code.replace(at, kNoBreakSpace.size(), " ");
  }
  // Blank lines around it go, the first line's indentation stays.
  while (!code.empty() && is_space(code.back())) code.pop_back();
  const auto first = code.find_first_not_of(" \t\r\n\f\v");
  if (first == std::string::npos) return;
  const auto line_start = code.rfind('\n', first);
  if (line_start != std::string::npos) code.erase(0, line_start + 1);
  if (in_cell() || heading_depth_ > 0) return text(code);

  const auto fence = fence_for(code, 3);
  begin_line();
  out_ += fence + code_language_;
  std::string_view rest = code;
  while (true) {
    const auto end = rest.find('\n');
    line_ends_ = 1;
    begin_line();
    out_ += rest.substr(0, end);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  line_ends_ = 1;
  begin_line();
  out_ += fence;
  end_block();
}

void MarkdownWriter::begin_code() {
  begin_link();
}

void MarkdownWriter::end_code() {
  if (inline_starts_.empty()) return;
  const auto start = inline_starts_.back();
  inline_starts_.pop_back();
  if (start >= out_.size()) return;
  const auto code = out_.substr(start);
  if (trim(code).empty() || code.find('\n') != std::string::npos) return;
  const auto fence = fence_for(code, 1);
  const bool padded = code.front() == '`' || code.back() == '`';
  out_.resize(start);
  out_ += fence + (padded ? " " : "") + code + (padded ? " " : "") + fence;
}

void MarkdownWriter::begin_link() {
  inline_starts_.push_back(kNotBegun);
}

void MarkdownWriter::end_link(std::string_view url) {
  if (inline_starts_.empty()) return;
  const auto start = inline_starts_.back();
  inline_starts_.pop_back();
  if (url.empty() || start >= out_.size()) return;
  const auto label = out_.substr(start);
  if (trim(label).empty() || label.find('\n') != std::string::npos) return;
  out_.resize(start);
  out_ += label == url ? "<" + label + ">" : "[" + label + "](" + std::string(url) + ")";
}

void MarkdownWriter::begin_table() {
  if (table_depth_++ > 0) return;
  end_block();
  table_ = Table();
}

void MarkdownWriter::begin_row() {
  if (table_depth_ == 1) table_.rows.emplace_back();
  if (in_cell()) space_ = true;
}

void MarkdownWriter::begin_cell(std::size_t columns, std::size_t rows) {
  if (table_depth_ > 1 || in_cell()) {
    space_ = true;
    ++cell_depth_;
    return;
  }
  if (table_.rows.empty()) table_.rows.emplace_back();
  table_.columns = std::clamp<std::size_t>(columns, 1, kMaxSpannedColumns);
  table_.cell_rows = std::max<std::size_t>(rows, 1);
  std::ranges::replace(inline_starts_, kNotBegun, kTorn);
  table_.text_before = std::move(out_);
  table_.line_ends_before = line_ends_;
  out_.clear();
  line_ends_ = 0;
  space_ = false;
  cell_depth_ = 1;
}

void MarkdownWriter::end_cell() {
  if (--cell_depth_ > 0) {
    space_ = true;
    return;
  }
  auto& row = table_.rows.back();
  row.push_back({as_cell(out_), table_.cell_rows});
  for (std::size_t i = 1; i < table_.columns && table_.spanned < kMostSpannedCells; ++i) {
    row.push_back({"", table_.cell_rows});
    ++table_.spanned;
  }
  out_ = std::move(table_.text_before);
  line_ends_ = table_.line_ends_before;
  space_ = false;
}

void MarkdownWriter::append_row(const std::vector<std::string>& cells) {
  line_ends_ = std::max(line_ends_, out_.empty() ? 0 : 1);
  begin_line();
  out_ += '|';
  for (const auto& cell : cells) out_ += cell.empty() ? " |" : " " + cell + " |";
}

void MarkdownWriter::end_table() {
  if (--table_depth_ > 0) return;
  // Cells that span rows are repeated in each, so that a row can be read by itself.
  std::vector<std::vector<std::string>> rows;
  std::vector<Cell> above;
  std::size_t width = 0;
  for (auto& cells : table_.rows) {
    std::vector<std::string> row;
    auto next = cells.begin();
    for (std::size_t column = 0; next != cells.end() || column < above.size(); ++column) {
      if (column >= above.size()) above.emplace_back(Cell{"", 0});
      const bool reaches_down = above[column].rows > 0 && table_.spanned < kMostSpannedCells;
      if (!reaches_down) {
        if (next == cells.end()) break;
        above[column] = std::move(*next++);
      }
      table_.spanned += reaches_down ? 1 : 0;
      --above[column].rows;
      row.push_back(above[column].text);
    }
    const bool blank = std::ranges::all_of(row, [](const auto& cell) { return cell.empty(); });
    if (!blank) rows.push_back(std::move(row));
    if (!blank) width = std::max(width, rows.back().size());
  }
  table_ = Table();
  if (width == 1) {
    for (const auto& row : rows) {
      text(row.front());
      end_block();
    }
    return;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.size() * width <= kMostSpannedCells) rows[i].resize(width);
    append_row(rows[i]);
    if (i == 0) append_row(std::vector<std::string>(width, "---"));
  }
  if (!rows.empty()) end_block();
}

void MarkdownWriter::title_if_missing(std::string_view title) {
  title = trim(title);
  if (has_title_ || title.empty() || trim(out_).empty()) return;
  MarkdownWriter heading;
  heading.begin_heading(1);
  heading.text(title);
  heading.end_heading();
  out_ = heading.take() + "\n\n" + out_;
}

std::string MarkdownWriter::take() {
  return std::move(out_);
}

}  // namespace foreword::tools
