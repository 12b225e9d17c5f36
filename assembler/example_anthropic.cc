// Anthropic: POST /v1/messages.
#include <algorithm>
#include <utility>

#include "assembler/example_builder.h"

namespace foreword::assembler {
namespace {

/// A tool's result: a string, or blocks.
std::string result_text(const bjson::value& block, ExampleBuilder& builder) {
  const auto* content = member(block, "content");
  if (content == nullptr) return {};
  if (const auto text = as_text(*content)) return std::string(*text);
  std::string text;
  const auto* blocks = content->if_array();
  if (blocks == nullptr) builder.fail(Unusable::not_understood);
  for (std::size_t i = 0; blocks != nullptr && i < blocks->size(); ++i) {
    const auto& piece = (*blocks)[i];
    if (text_member(piece, "type") != "text") builder.fail(Unusable::media);
    if (i > 0) text += "\n\n";
    text += text_member(piece, "text");
  }
  return text;
}

void read_block(const bjson::value& block, Role role, ExampleBuilder& builder) {
  const auto type = text_member(block, "type");
  if (type == "text") return builder.add_text(role, text_member(block, "text"));
  if (type == "thinking" || type == "redacted_thinking") return;
  if (type == "tool_use") {
    const auto* input = member(block, "input");
    return builder.add_call({std::string(text_member(block, "id")),
                             std::string(text_member(block, "name")),
                             input != nullptr ? json_text(*input) : "{}"});
  }
  if (type == "tool_result") {
    auto text = result_text(block, builder);
    return builder.add_result(text_member(block, "tool_use_id"), std::move(text));
  }
  if (type == "image" || type == "document" || type == "search_result") {
    return builder.fail(Unusable::media);
  }
  const bool own = type == "server_tool_use" || type.starts_with("mcp_") ||
                   type.ends_with("_tool_result") || type == "container_upload";
  builder.fail(own ? Unusable::provider_tools : Unusable::not_understood);
}

/// A string, or blocks.
void read_content(const bjson::value* content, Role role, ExampleBuilder& builder) {
  if (content == nullptr) return builder.fail(Unusable::not_understood);
  if (const auto text = as_text(*content)) return builder.add_text(role, *text);
  const auto* blocks = content->if_array();
  if (blocks == nullptr) return builder.fail(Unusable::not_understood);
  for (const auto& block : *blocks) read_block(block, role, builder);
}

/// Claude Code's first block counts its requests: it instructs nobody, and no prompt has it twice.
bool is_billing_header(const bjson::value& block) {
  return text_member(block, "text").starts_with("x-anthropic-billing-header");
}

void read_system(const bjson::value& system, ExampleBuilder& prompt) {
  const auto* blocks = system.if_array();
  if (blocks == nullptr) return read_content(&system, Role::system, prompt);
  for (const auto& block : *blocks) {
    if (!is_billing_header(block)) read_block(block, Role::system, prompt);
  }
}

void read_prompt(const bjson::value& body, ExampleBuilder& prompt) {
  if (const auto* system = member(body, "system")) read_system(*system, prompt);
  const auto* messages = list_member(body, "messages");
  if (messages == nullptr) return prompt.fail(Unusable::not_understood);
  for (const auto& message : *messages) {
    const auto name = text_member(message, "role");
    const auto role = name == "assistant" ? Role::assistant
                      : name == "system"  ? Role::system
                                          : Role::user;
    if (role == Role::user && name != "user") return prompt.fail(Unusable::not_understood);
    prompt.new_turn();
    read_content(member(message, "content"), role, prompt);
  }
  // The provider's own tools have no schema, and nothing to say where they were not used.
  if (const auto* tools = list_member(body, "tools")) {
    for (const auto& tool : *tools) {
      if (member(tool, "input_schema") != nullptr)
        prompt.add_tool(function_of(tool, "input_schema"));
    }
  }
}

/// A block of a stream, whose text or input comes in pieces.
struct OpenBlock {
  bjson::object block;
  std::string text;
  std::string input;
};

std::optional<bjson::value> joined(const OpenBlock& open) {
  auto block = open.block;
  if (text_member(block, "type") == "text") {
    block["text"] = std::string(text_member(block, "text")) + open.text;
  } else if (!open.input.empty()) {
    auto input = parse_json(open.input);
    if (!input) return std::nullopt;
    block["input"] = *std::move(input);
  }
  return block;
}

std::optional<bjson::value> join_events(std::string_view stream) {
  std::vector<OpenBlock> blocks;
  bjson::object message;
  const bool whole = for_each_event(stream, [&](const bjson::value& event) {
    const auto type = text_member(event, "type");
    if (type == "content_block_start") {
      const auto* block = member(event, "content_block");
      if (block != nullptr && block->is_object()) blocks.push_back({block->get_object(), {}, {}});
    } else if (type == "content_block_delta" && !blocks.empty()) {
      const auto* delta = member(event, "delta");
      if (delta == nullptr) return;
      blocks.back().text += text_member(*delta, "text");
      blocks.back().input += text_member(*delta, "partial_json");
    } else if (type == "message_delta") {
      const auto* delta = member(event, "delta");
      const auto* reason = delta != nullptr ? member(*delta, "stop_reason") : nullptr;
      if (reason != nullptr) message["stop_reason"] = *reason;
    }
  });
  if (!whole) return std::nullopt;
  bjson::array content;
  for (const auto& open : blocks) {
    auto block = joined(open);
    if (!block) return std::nullopt;
    content.push_back(*std::move(block));
  }
  message["content"] = std::move(content);
  return message;
}

void read_answer(const bjson::value& body, ExampleBuilder& answer) {
  const auto reason = text_member(body, "stop_reason");
  if (reason == "refusal") return answer.fail(Unusable::refused);
  const bool ended = reason == "end_turn" || reason == "stop_sequence" || reason == "tool_use";
  if (!ended) return answer.fail(Unusable::cut_short);
  read_content(member(body, "content"), Role::assistant, answer);
}

}  // namespace

ExampleReader anthropic_reader() {
  return {read_prompt, join_events, read_answer};
}

}  // namespace foreword::assembler
