#include "assembler/usage.h"

#include "assembler/sse.h"
#include "assembler/usage_read.h"
#include "config/limits.h"

namespace foreword::assembler {
namespace {

using config::Operation;
using json::error_code;
using json::ondemand::json_type;
using json::ondemand::value;

error_code read_member(Operation operation, Reading& reading, std::string_view name, value& found) {
  switch (operation) {
    case Operation::messages:
      return read_anthropic(reading, name, found);
    case Operation::chat_completions:
    case Operation::responses:
      return read_openai(reading, name, found);
    case Operation::generate_content:
      return read_gemini(reading, name, found);
    case Operation::other:
      break;
  }
  return simdjson::SUCCESS;
}

config::TokenCounts normalise(Operation operation, const ReportedTokens& tokens) {
  switch (operation) {
    case Operation::messages:
      return normalise_anthropic(tokens);
    case Operation::chat_completions:
    case Operation::responses:
      return normalise_openai(tokens);
    case Operation::generate_content:
      return normalise_gemini(tokens);
    case Operation::other:
      break;
  }
  return {};
}

/// An object, or Gemini's array of objects: a stream that was not asked for as events.
error_code read_root(Operation operation, json::ondemand::document& document, Reading& reading) {
  const auto visit = [&](std::string_view name, value& found) {
    if (name == "error" && found.type().value_unsafe() == json_type::object) {
      reading.has_error = true;
    }
    return read_member(operation, reading, name, found);
  };
  json_type type{};
  if (const auto error = document.type().get(type)) return error;
  if (type == json_type::object) {
    json::ondemand::object object;
    if (const auto error = document.get_object().get(object)) return error;
    return json::each_member(object, visit);
  }
  json::ondemand::array array;
  if (const auto error = document.get_array().get(array)) return error;
  return json::each_element(array,
                            [&](value& chunk) { return json::each_member_of(chunk, visit); });
}

/// Most events of a stream carry neither usage nor text: their type alone tells.
bool may_matter(Operation operation, const SseEvent& event) {
  const auto type = event.type;
  if (event.data.empty() || event.oversized) return false;
  if (type.empty()) return true;
  if (operation == Operation::messages) {
    return type == "content_block_delta" || type == "message_start" || type == "message_delta" ||
           type == "message_stop" || type == "error";
  }
  if (operation == Operation::responses) {
    return type.ends_with(".delta") || type == "response.created" || type == "response.completed" ||
           type == "response.incomplete" || type == "response.failed" || type == "error";
  }
  return true;
}

/// Whether an event that was read is the last one that can carry a count.
bool closes(Operation operation, const Reading& reading) {
  switch (operation) {
    case Operation::messages:
      return reading.type == "message_stop" ||
             (reading.type == "message_delta" && reading.has_stop_reason);
    case Operation::chat_completions:
      return reading.has_usage_object && reading.has_empty_choices;
    case Operation::responses:
      return reading.has_usage_object &&
             (reading.type == "response.completed" || reading.type == "response.incomplete" ||
              reading.type == "response.failed");
    case Operation::generate_content:
      return reading.has_stop_reason;
    case Operation::other:
      break;
  }
  return false;
}

/// Whether an event that was read stands in place of the rest of the answer.
bool fails(Operation operation, const Reading& reading) {
  return reading.has_error || (operation == Operation::responses &&
                               (reading.type == "error" || reading.type == "response.failed"));
}

void replace_if_named(std::string& kept, std::string_view named) {
  if (!named.empty()) kept = named;
}

}  // namespace

struct UsageMeter::State {
  Operation operation;
  BodyKind kind;
  SseSplitter splitter{config::limits::kMaxEventBytes};
  std::string body;
  bool body_too_large = false;
  ReportedTokens tokens;
  Usage usage;
  bool is_final = false;
  bool has_ended = false;
  bool has_failed = false;

  State(Operation op, BodyKind body_kind) : operation(op), kind(body_kind) {}

  [[nodiscard]] bool has_usage() const { return tokens != ReportedTokens(); }

  void keep(std::string_view bytes) {
    if (body_too_large) return;
    body_too_large = body.size() + bytes.size() > config::limits::kMaxMeteredJsonBytes;
    if (body_too_large) {
      std::string().swap(body);
    } else {
      body += bytes;
    }
  }

  void read_event(const SseEvent& event) {
    if (!may_matter(operation, event)) return;
    auto closing = event.data == "[DONE]";
    if (!closing) closing = read_document(simdjson::padded_string(event.data));
    has_ended = has_ended || closing;
    is_final = is_final || (closing && has_usage());
  }

  void read_body() {
    body.append(simdjson::SIMDJSON_PADDING, ' ');
    const auto size = body.size() - simdjson::SIMDJSON_PADDING;
    (void)read_document(simdjson::padded_string_view(body.data(), size, body.size()));
    is_final = has_usage();
    std::string().swap(body);
  }

  /// Takes over what a document says if it can be read to its end; returns whether it closes.
  bool read_document(simdjson::padded_string_view text) {
    json::ParserLease parser(text.size());
    json::ondemand::document document;
    if (parser.get().iterate(text).get(document)) return false;
    Reading reading;
    reading.tokens = tokens;
    if (read_root(operation, document, reading)) return false;
    // An object of usage that says nothing takes nothing back.
    if (reading.tokens != ReportedTokens()) tokens = reading.tokens;
    usage.counts = normalise(operation, tokens);
    usage.output_text_bytes += reading.text_bytes;
    replace_if_named(usage.model, reading.model);
    replace_if_named(usage.terms.service_tier, reading.service_tier);
    replace_if_named(usage.terms.speed, reading.speed);
    replace_if_named(usage.terms.inference_geo, reading.inference_geo);
    has_failed = has_failed || (kind == BodyKind::sse && fails(operation, reading));
    return closes(operation, reading);
  }
};

UsageMeter::UsageMeter(Operation operation, BodyKind kind)
    : state_(std::make_unique<State>(operation, kind)) {}
UsageMeter::~UsageMeter() = default;
UsageMeter::UsageMeter(UsageMeter&&) noexcept = default;
UsageMeter& UsageMeter::operator=(UsageMeter&&) noexcept = default;

void UsageMeter::feed(std::string_view bytes) {
  if (state_->operation == Operation::other) return;
  if (state_->kind == BodyKind::json) {
    state_->keep(bytes);
  } else {
    state_->splitter.feed(bytes, [this](const SseEvent& event) { state_->read_event(event); });
  }
}

void UsageMeter::finish() {
  if (state_->kind == BodyKind::json && !state_->body.empty()) state_->read_body();
}

bool UsageMeter::has_usage() const {
  return state_->has_usage();
}
bool UsageMeter::is_final() const {
  return state_->is_final;
}
bool UsageMeter::has_ended() const {
  return state_->has_ended;
}
bool UsageMeter::has_failed() const {
  return state_->has_failed;
}
const Usage& UsageMeter::usage() const {
  return state_->usage;
}

}  // namespace foreword::assembler
