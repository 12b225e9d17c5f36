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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = std::min(input.find('\n'), input.size());
  const auto path = normalise_path(input.substr(0, line_end));
  const auto text = normalise_text(input.substr(std::min(line_end + 1, input.size())));
  if (path) FUZZ_REQUIRE(normalise_path(*path).value() == *path);
  if (text) FUZZ_REQUIRE(normalise_text(*text).value() == *text);
  if (!path || !text) return 0;

  const std::vector<Document> documents = {{*path, *text}, {*path + "2", "other\n"}};
  const auto layers = render_layers(documents);
  FUZZ_REQUIRE(layers.size() == 1);
  const auto rendered = unescaped(layers[0]);
  FUZZ_REQUIRE(rendered.size() == layers[0].text_bytes);
  FUZZ_REQUIRE(count(rendered, "<document index=") == 2);
  FUZZ_REQUIRE(count(rendered, "</document>") == 2);
  FUZZ_REQUIRE(count(rendered, "</source>") == 2);
  FUZZ_REQUIRE(count(rendered, "</document_content>") == 2);
  FUZZ_REQUIRE(count(rendered, "</documents>") == 1);
  return 0;
}
