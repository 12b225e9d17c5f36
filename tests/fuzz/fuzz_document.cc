// Documents: normalising is idempotent, and no document can forge the wrapping of a layer.
//
// An input is a path, a line feed, and a text.
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "assembler/layer.h"
#include "fuzz/require.h"

namespace {

using namespace foreword;
using namespace foreword::assembler;

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

/// The escaped bytes as every provider's parser will read them.
std::string unescaped(const Layer& layer) {
  const auto value = boost::json::parse('"' + layer.escaped + '"');
  return std::string(value.as_string());
}

std::shared_ptr<const Document> document(const std::string& path, const std::string& text) {
  return std::make_shared<const Document>(Document{path, text});
}

/// As many documents as there should be, and no end of anything that is not ours: of no knowledge
/// base either, since those are set around layers.
void check_wrapping(const Layer& layer, std::size_t documents) {
  const auto rendered = unescaped(layer);
  FUZZ_REQUIRE(rendered.size() == layer.text_bytes);
  FUZZ_REQUIRE(count(rendered, "<document index=") == documents);
  FUZZ_REQUIRE(count(rendered, "</document>") == documents);
  FUZZ_REQUIRE(count(rendered, "</source>") == documents);
  FUZZ_REQUIRE(count(rendered, "</documents>") == 1);
  FUZZ_REQUIRE(count(rendered, "<knowledge_base") == 0);
  FUZZ_REQUIRE(count(rendered, "</knowledge_base") == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = std::min(input.find('\n'), input.size());
  const auto path = normalise_path(input.substr(0, line_end));
  const auto text = normalise_text(input.substr(std::min(line_end + 1, input.size())));
  if (path) FUZZ_REQUIRE(normalise_path(*path).value() == *path);
  if (text) FUZZ_REQUIRE(normalise_text(*text).value() == *text);
  if (!path || !text) return 0;

  const auto other = document(*path + "2", "other\n");
  const Snapshot before = {document(*path, *text), other};
  const auto layer = render_layer({}, before, 1);
  FUZZ_REQUIRE(layer.has_value());
  check_wrapping(*layer, 2);
  FUZZ_REQUIRE(count(unescaped(*layer), "</document_content>") == 2);

  const auto edited = normalise_text(text->substr(0, text->size() / 2) + "\n# New\n" +
                                     text->substr(text->size() / 2));
  if (!edited) return 0;  // cut inside a character
  const auto amendment = render_layer(before, {document(*path, *edited), other}, 3);
  FUZZ_REQUIRE(amendment.has_value());
  check_wrapping(*amendment, 1);
  return 0;
}
