#include "assembler/json_walk.h"

namespace foreword::assembler::json {
namespace {

/// What each thread keeps. Tables take up to six bytes per byte of document, touched as needed.
constexpr std::size_t kKeptDocumentBytes = std::size_t{1} << 20;

/// Above this, numbers in JSON are no longer exact everywhere, and no request has as many tokens.
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 53;

}  // namespace

ParserLease::ParserLease(std::size_t document_bytes) {
  if (document_bytes > kKeptDocumentBytes) own_.emplace();
}

ondemand::parser& ParserLease::shared() {
  thread_local ondemand::parser parser;
  // At once the size it may have: growing step by step would allocate again and again. Should it
  // fail, iterate() tries again for the document at hand and reports the failure.
  if (parser.capacity() == 0 && parser.allocate(kKeptDocumentBytes) != simdjson::SUCCESS) {
    parser = ondemand::parser();
  }
  return parser;
}

error_code check_start(ondemand::value& value) {
  ondemand::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  if (type != ondemand::json_type::string) return simdjson::SUCCESS;
  // A token reaches to the next one, and behind the last one there is padding.
  const std::string_view token = value.raw_json_token();
  return *(token.data() + token.size()) == ':' ? simdjson::TAPE_ERROR : simdjson::SUCCESS;
}

error_code read_string(ondemand::value& value, std::string_view& text) {
  if (value.type().value_unsafe() != ondemand::json_type::string) return simdjson::SUCCESS;
  return value.get_string().get(text);
}

error_code add_text_bytes(ondemand::value& value, std::uint64_t& bytes) {
  if (value.type().value_unsafe() != ondemand::json_type::string) return simdjson::SUCCESS;
  const std::string_view token = trim_end(value.raw_json_token());
  std::string_view text;
  const auto error = value.get_string().get(text);
  bytes += error ? token.size() - 2 : text.size();
  return simdjson::SUCCESS;
}

error_code read_count(ondemand::value& value, std::optional<std::uint64_t>& count) {
  if (value.type().value_unsafe() != ondemand::json_type::number) return simdjson::SUCCESS;
  std::uint64_t whole = 0;
  if (value.get_uint64().get(whole) == simdjson::SUCCESS) {
    if (whole <= kMaxCount) count = whole;
    return simdjson::SUCCESS;
  }
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) return simdjson::SUCCESS;
  if (number < 0 || number > static_cast<double>(kMaxCount)) return simdjson::SUCCESS;
  whole = static_cast<std::uint64_t>(number);
  if (static_cast<double>(whole) == number) count = whole;
  return simdjson::SUCCESS;
}

}  // namespace foreword::assembler::json
