#include "assembler/usage_chunk_filter.h"

#include "assembler/json_walk.h"
#include "assembler/usage_read.h"

namespace foreword::assembler {
namespace {

/// A usage chunk has some 500 bytes; what is longer need not be held back to look at it.
constexpr std::size_t kMaxUsageChunkBytes = std::size_t{64} << 10;

bool is_usage_chunk(std::string_view data) {
  // All other chunks have a delta, in the choices that this one does not have; quotes inside of
  // text are escaped.
  if (data.find("\"usage\"") == std::string_view::npos) return false;
  if (data.find("\"delta\"") != std::string_view::npos) return false;
  const simdjson::padded_string padded(data);
  json::ParserLease parser(padded.size());
  json::ondemand::document document;
  json::ondemand::object chunk;
  if (parser.get().iterate(padded).get(document)) return false;
  if (document.get_object().get(chunk)) return false;
  Reading reading;
  const auto error =
      json::each_member(chunk, [&](std::string_view name, json::ondemand::value& value) {
        return read_openai(reading, name, value);
      });
  return !error && json::at_end(document) && reading.has_usage_object && reading.has_empty_choices;
}

}  // namespace

UsageChunkFilter::UsageChunkFilter() : splitter_(kMaxUsageChunkBytes) {}

std::string_view UsageChunkFilter::feed(std::string_view bytes) {
  out_.clear();
  splitter_.feed(bytes, [this](const SseEvent& event) {
    if (!is_usage_chunk(event.data)) out_ += event.raw;
  });
  return out_;
}

std::string_view UsageChunkFilter::finish() {
  return splitter_.pending();
}

}  // namespace foreword::assembler
