// Pages and documents of office programs to text: whatever comes, text comes out that can become a
// document, or a reason; and a pattern of .gitignore answers.
//
// An input is a line that names what it is, and the bytes.
#include <string>
#include <string_view>

#include "assembler/document.h"
#include "fuzz/require.h"
#include "tools/documents/gitignore.h"
#include "tools/extract/extract.h"
#include "unit/tools/file_makers.h"

namespace {

using namespace foreword;

/// Text or a reason. `always_utf8`: of a page; pugixml passes on what a part of a DOCX holds, and
/// the loader skips it then.
void check(const config::Result<std::string>& extracted, bool always_utf8) {
  if (!extracted) FUZZ_REQUIRE(!extracted.error().message.empty());
  if (!extracted) return;
  const auto text = assembler::normalise_text(*extracted);
  const bool utf8 = text || text.error().message.find("UTF-8") == std::string::npos;
  FUZZ_REQUIRE(utf8 || !always_utf8);
}

void check_ignoring(std::string_view input) {
  const auto line_end = std::min(input.find('\n'), input.size());
  const auto path = input.substr(0, line_end);
  const tools::IgnoreRules rules(input.substr(std::min(line_end + 1, input.size())));
  // What holds for files holds for folders too: folders only add patterns.
  const auto file = rules.ignores(path, false);
  FUZZ_REQUIRE(!file || rules.ignores(path, true));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = std::min(input.find('\n'), input.size());
  const auto kind = input.substr(0, line_end);
  const auto bytes = input.substr(std::min(line_end + 1, input.size()));
  if (kind == "html") check(tools::extract_html(bytes), true);
  if (kind == "docx") check(tools::extract_docx(test::make_docx(bytes)), false);
  if (kind == "gitignore") check_ignoring(bytes);
  return 0;
}
