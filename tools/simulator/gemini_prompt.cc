#include "simulator/gemini_prompt.h"

#include <fmt/format.h>

namespace foreword::simulator {
namespace {

void add_part(const json::value& part, std::string_view role, TokenPromptBuilder& builder) {
  const json::value* text = member(part, "text");
  if (text != nullptr && text->is_string()) {
    builder.add_text(text_member(part, "text"), role);
  } else if (member(part, "inlineData", "inline_data") != nullptr ||
             member(part, "fileData", "file_data") != nullptr) {
    builder.add_media(part);
  } else {
    builder.add_json(part);
  }
}

/// A Content is {parts, role}; SDKs also send a bare string or a single part.
void add_content(const json::value& content, std::string_view role, TokenPromptBuilder& builder) {
  builder.add_role(role);
  if (const json::string* text = content.if_string()) {
    builder.add_text({text->data(), text->size()}, role);
    return;
  }
  const json::value* parts = member(content, "parts");
  if (parts == nullptr) {
    add_part(content, role, builder);
  } else if (const json::array* list = parts->if_array()) {
    for (const auto& part : *list) add_part(part, role, builder);
  } else {
    add_part(*parts, role, builder);
  }
}

Parsed<void> check_cached_content(const json::value& body) {
  if (member(body, "cachedContent", "cached_content") == nullptr) return {};
  if (member(body, "systemInstruction", "system_instruction") != nullptr ||
      member(body, "tools") != nullptr || member(body, "toolConfig", "tool_config") != nullptr) {
    return ApiError{400,
                    "CachedContent can not be used with GenerateContent request setting "
                    "system_instruction, tools or tool_config."};
  }
  // No cachedContents are kept here, so none can be found.
  return ApiError{403, "CachedContent not found (or permission denied)"};
}

Parsed<void> add_contents(const json::array& contents, TokenPromptBuilder& builder) {
  for (const auto& content : contents) {
    const std::string_view given = text_member(content, "role");
    const std::string_view role = given.empty() ? "user" : given;
    if (role != "user" && role != "model" && role != "function") {
      return ApiError{400, "Please use a valid role: user, model."};
    }
    add_content(content, role, builder);
  }
  return {};
}

}  // namespace

Parsed<TokenPrompt> read_gemini_prompt(const json::value& body, const config::Model& model,
                                       TokenMemo& memo) {
  if (auto checked = check_cached_content(body); !checked) return checked.error();
  const json::array* contents = array_member(body, "contents");
  if (contents == nullptr || contents->empty()) {
    return ApiError{400, "* GenerateContentRequest.contents: contents is not specified"};
  }
  TokenPromptBuilder builder(piece_bytes_for(model), memo);
  if (const json::value* system = member(body, "systemInstruction", "system_instruction")) {
    add_content(*system, "system", builder);
  }
  if (const json::value* tools = member(body, "tools")) builder.add_json(*tools);
  if (const json::value* choice = member(body, "toolConfig", "tool_config")) {
    builder.add_json(*choice);
  }
  if (auto added = add_contents(*contents, builder); !added) return added.error();
  builder.add_role("model");  // what opens the answer
  return builder.finish();
}

GeminiGeneration read_generation_config(const json::value& body) {
  GeminiGeneration generation;
  const json::value* config = member(body, "generationConfig", "generation_config");
  if (config == nullptr) return generation;
  auto limit = number_member(*config, "maxOutputTokens");
  if (!limit) limit = number_member(*config, "max_output_tokens");
  if (limit && *limit > 0) generation.max_output_tokens = static_cast<std::uint64_t>(*limit);
  if (const json::value* thinking = member(*config, "thinkingConfig", "thinking_config")) {
    auto budget = number_member(*thinking, "thinkingBudget");
    if (!budget) budget = number_member(*thinking, "thinking_budget");
    generation.thinks = budget != 0;
  }
  const std::string_view type = text_member(*config, "responseMimeType");
  generation.as_json = type == "application/json" ||
                       text_member(*config, "response_mime_type") == "application/json";
  return generation;
}

}  // namespace foreword::simulator
