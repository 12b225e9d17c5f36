// Gemini: generateContent and streamGenerateContent.
#include <algorithm>
#include <map>
#include <utility>

#include "assembler/example_builder.h"

namespace foreword::assembler {
namespace {

/// Gemini's calls mostly have no ids: their results follow in the same order, by the same names.
class Calls {
 public:
  std::string name_call(const bjson::value& call) {
    auto id = std::string(text_member(call, "id"));
    if (id.empty()) id = "call_" + std::to_string(++count_);
    open_.emplace(text_member(call, "name"), id);
    return id;
  }
  /// Empty: no call has that name.
  std::string find_call(const bjson::value& result) {
    const auto name = text_member(result, "name");
    const auto found = open_.lower_bound(name);
    auto id = std::string(text_member(result, "id"));
    if (found == open_.end() || found->first != name) return id;
    if (id.empty()) id = found->second;
    open_.erase(found);
    return id;
  }

 private:
  std::size_t count_ = 0;
  std::multimap<std::string, std::string, std::less<>> open_;  // equal names: in their order
};

void read_part(const bjson::value& part, Role role, Calls& calls, ExampleBuilder& builder) {
  const auto* thought = member(part, "thought");
  if (thought != nullptr && thought->is_bool() && thought->get_bool()) return;
  if (const auto* text = member(part, "text")) {
    return builder.add_text(role, as_text(*text).value_or(""));
  }
  if (const auto* call = member(part, "functionCall", "function_call")) {
    const auto* arguments = member(*call, "args");
    return builder.add_call({calls.name_call(*call), std::string(text_member(*call, "name")),
                             arguments != nullptr ? json_text(*arguments) : "{}"});
  }
  if (const auto* result = member(part, "functionResponse", "function_response")) {
    const auto* response = member(*result, "response");
    const auto id = calls.find_call(*result);
    return builder.add_result(id, response != nullptr ? json_text(*response) : "{}");
  }
  const bool media = member(part, "inlineData", "inline_data") != nullptr ||
                     member(part, "fileData", "file_data") != nullptr;
  const bool ran = member(part, "executableCode", "executable_code") != nullptr ||
                   member(part, "codeExecutionResult", "code_execution_result") != nullptr;
  if (media) return builder.fail(Unusable::media);
  if (ran) return builder.fail(Unusable::provider_tools);
  const auto* object = part.if_object();
  const bool signature_only = object != nullptr && object->size() == 1 &&
                              member(part, "thoughtSignature", "thought_signature") != nullptr;
  if (!signature_only) builder.fail(Unusable::not_understood);
}

void read_parts(const bjson::value& content, Role role, Calls& calls, ExampleBuilder& builder) {
  const auto* parts = list_member(content, "parts");
  if (parts == nullptr) return;
  for (const auto& part : *parts) read_part(part, role, calls, builder);
}

/// Gemini's schemas spell types in capitals: "STRING".
void lower_types(bjson::value& schema) {
  if (auto* list = schema.if_array()) {
    for (auto& item : *list) lower_types(item);
  } else if (auto* object = schema.if_object()) {
    for (auto& item : *object) {
      auto* text = item.value().if_string();
      if (item.key() == "type" && text != nullptr) {
        std::ranges::transform(*text, text->begin(), [](char c) {
          return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
      } else {
        lower_types(item.value());
      }
    }
  }
}

void read_tools(const bjson::value& body, ExampleBuilder& prompt) {
  const auto* tools = list_member(body, "tools");
  if (tools == nullptr) return;
  for (const auto& tool : *tools) {
    const auto* found = member(tool, "functionDeclarations", "function_declarations");
    const auto* declarations = found != nullptr ? found->if_array() : nullptr;
    if (declarations == nullptr) continue;
    for (const auto& declaration : *declarations) {
      const bool schema = member(declaration, "parametersJsonSchema") != nullptr;
      auto function = function_of(declaration, schema ? "parametersJsonSchema" : "parameters");
      auto* parameters = function.if_contains("parameters");
      if (parameters != nullptr) lower_types(*parameters);
      prompt.add_tool(std::move(function));
    }
  }
}

void read_prompt(const bjson::value& body, ExampleBuilder& prompt) {
  if (member(body, "cachedContent", "cached_content") != nullptr) {
    return prompt.fail(Unusable::kept_elsewhere);
  }
  Calls calls;
  if (const auto* system = member(body, "systemInstruction", "system_instruction")) {
    read_parts(*system, Role::system, calls, prompt);
  }
  const auto* contents = list_member(body, "contents");
  if (contents == nullptr) return prompt.fail(Unusable::not_understood);
  for (const auto& content : *contents) {
    prompt.new_turn();
    const bool model = text_member(content, "role") == "model";
    read_parts(content, model ? Role::assistant : Role::user, calls, prompt);
  }
  read_tools(body, prompt);
}

/// Adds the parts of one chunk, and takes over how it ended.
void join(const bjson::value& chunk, bjson::array& parts, bjson::object& candidate,
          bjson::object& body) {
  if (const auto* feedback = member(chunk, "promptFeedback")) body["promptFeedback"] = *feedback;
  const auto* candidates = list_member(chunk, "candidates");
  if (candidates == nullptr) return;
  const auto& first = candidates->front();
  if (const auto* reason = member(first, "finishReason")) candidate["finishReason"] = *reason;
  const auto* content = member(first, "content");
  const auto* more = content != nullptr ? list_member(*content, "parts") : nullptr;
  if (more != nullptr) parts.insert(parts.end(), more->begin(), more->end());
}

bjson::value with_parts(bjson::array parts, bjson::object candidate, bjson::object body) {
  candidate["content"] = bjson::object{{"parts", std::move(parts)}};
  body["candidates"] = bjson::array{std::move(candidate)};
  return body;
}

std::optional<bjson::value> join_events(std::string_view stream) {
  bjson::array parts;
  bjson::object candidate;
  bjson::object body;
  const bool whole = for_each_event(
      stream, [&](const bjson::value& chunk) { join(chunk, parts, candidate, body); });
  if (!whole) return std::nullopt;
  return with_parts(std::move(parts), std::move(candidate), std::move(body));
}

void read_whole(const bjson::value& body, ExampleBuilder& answer) {
  const auto* feedback = member(body, "promptFeedback");
  if (feedback != nullptr && member(*feedback, "blockReason") != nullptr) {
    return answer.fail(Unusable::refused);
  }
  const auto* candidates = list_member(body, "candidates");
  if (candidates == nullptr) return answer.fail(Unusable::not_understood);
  const auto reason = text_member(candidates->front(), "finishReason");
  if (reason.empty() || reason == "MAX_TOKENS") return answer.fail(Unusable::cut_short);
  if (reason != "STOP") return answer.fail(Unusable::refused);
  Calls calls;
  const auto* content = member(candidates->front(), "content");
  if (content != nullptr) read_parts(*content, Role::assistant, calls, answer);
}

/// A stream that was not asked for as events is a list of the same chunks.
void read_answer(const bjson::value& body, ExampleBuilder& answer) {
  const auto* chunks = body.if_array();
  if (chunks == nullptr) return read_whole(body, answer);
  bjson::array parts;
  bjson::object candidate;
  bjson::object joined;
  for (const auto& chunk : *chunks) join(chunk, parts, candidate, joined);
  read_whole(with_parts(std::move(parts), std::move(candidate), std::move(joined)), answer);
}

}  // namespace

ExampleReader gemini_reader() {
  return {read_prompt, join_events, read_answer};
}

}  // namespace foreword::assembler
