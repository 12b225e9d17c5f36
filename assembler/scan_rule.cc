#include "assembler/scan_rule.h"

#include <simdjson.h>

namespace foreword::assembler {
namespace {

void read_model(ScanState& state, const Value& value) {
  std::string storage;
  if (const auto name = read_string(state, value, storage)) {
    state.outline.model = *name;
    state.outline.model_span = value.span;
  }
}

void read_stream(ScanState& state, const Value& value) {
  constexpr std::size_t kTrueBytes = 4;
  if (value.shape == Shape::boolean) state.outline.stream = value.span.size() == kTrueBytes;
}

}  // namespace

constinit const Rule kModelRule = {.end = read_model};
constinit const Rule kStreamRule = {.end = read_stream};

void end_root(ScanState& state, const Value& root) {
  state.outline.root = root.span;
  state.outline.root_empty = root.empty;
}

void expect_list(ScanState& state, const Value& list, bool or_string) {
  const bool known = list.shape == Shape::array || list.shape == Shape::null ||
                     (or_string && list.shape == Shape::string);
  if (!known) state.stop(ScanFailure::unexpected_shape);
}

std::optional<std::string_view> decode(std::string_view raw, std::string& storage) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  storage.reserve(raw.size() + 2 + simdjson::SIMDJSON_PADDING);
  storage.append("\"").append(raw).append("\"");
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  std::string_view text;
  if (parser.iterate(storage).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
  storage.assign(text);  // it lies in the parser's memory, which ends here
  return storage;
}

std::optional<std::string_view> read_string(ScanState& state, const Value& value,
                                            std::string& storage) {
  if (value.shape != Shape::string) return std::nullopt;
  const auto text = decode(raw_text(state, value.span), storage);
  if (!text) state.stop(ScanFailure::malformed_json);
  return text;
}

bool says(ScanState& state, const Value& value, std::string_view text) {
  std::string storage;
  return read_string(state, value, storage) == text;
}

}  // namespace foreword::assembler
