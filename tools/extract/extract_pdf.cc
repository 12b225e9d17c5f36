#include <climits>
#include <memory>
#include <utility>
#include <vector>

#include <poppler-document.h>
#include <poppler-global.h>
#include <poppler-page.h>
#include <poppler-toc.h>

#include "config/limits.h"
#include "tools/extract/extract.h"
#include "tools/extract/pdf_text.h"

namespace foreword::tools {
namespace {

using config::Error;
using config::Result;
namespace limits = config::limits;

std::string as_utf8(const poppler::ustring& text) {
  const auto bytes = text.to_utf8();
  return {bytes.begin(), bytes.end()};
}

std::vector<OutlineEntry> read_outline(const poppler::document& pdf) {
  std::vector<OutlineEntry> outline;
  const std::unique_ptr<poppler::toc> toc(pdf.create_toc());
  if (!toc) return outline;
  std::vector<std::pair<int, poppler::toc_item*>> waiting{{0, toc->root()}};
  while (!waiting.empty() && outline.size() < limits::kMaxOutlineEntries) {
    const auto [level, item] = waiting.back();
    waiting.pop_back();
    if (level > 0) outline.push_back({level, as_utf8(item->title())});
    const auto children = item->children();
    for (auto child = children.rbegin(); child != children.rend(); ++child) {
      waiting.emplace_back(level + 1, *child);
    }
  }
  return outline;
}

/// Where it is set on the page, since only that keeps the rows of a table together; in the order of
/// reading where that would mix two columns of prose.
std::string text_of(const poppler::page& page) {
  using Page = poppler::page;
  auto text = as_utf8(page.text(poppler::rectf(), Page::physical_layout));
  if (!is_set_in_columns(text)) return text;
  return as_utf8(page.text(poppler::rectf(), Page::non_raw_non_physical_layout));
}

}  // namespace

Result<std::string> extract_pdf(std::string_view bytes) {
  poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
  if (bytes.size() > INT_MAX) return Error{"it is too large for a PDF"};
  const std::unique_ptr<poppler::document> pdf(
      poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
  if (!pdf) return Error{"it cannot be read as PDF"};
  if (pdf->is_locked()) return Error{"it is encrypted"};
  if (pdf->pages() > limits::kMaxPdfPages) {
    return Error{"it has more than " + std::to_string(limits::kMaxPdfPages) + " pages"};
  }
  std::vector<std::string> pages;
  for (int i = 0; i < pdf->pages(); ++i) {
    const std::unique_ptr<poppler::page> page(pdf->create_page(i));
    if (!page) continue;
    pages.push_back(text_of(*page));
  }
  auto text = join_pages(pages, read_outline(*pdf));
  if (text.find_first_not_of(" \t\r\n\f") == std::string::npos) {
    return Error{"there is no text in it; pages that were scanned have to be recognised first"};
  }
  return Result<std::string>(boost::system::in_place_value, std::move(text));
}

}  // namespace foreword::tools
