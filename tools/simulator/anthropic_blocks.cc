#include "simulator/anthropic_blocks.h"

#include <algorithm>

#include <fmt/format.h>

namespace foreword::simulator {
namespace {

bool is_web_tool(const json::value& tool) {
  const std::string_view type = text_member(tool, "type");
  return type.starts_with("web_search") || type.starts_with("web_fetch");
}

void collect_tools(const json::value& body, std::vector<RawBlock>& blocks) {
  const json::array* tools = array_member(body, "tools");
  if (tools == nullptr) return;
  for (const bool web : {false, true}) {
    for (std::size_t i = 0; i < tools->size(); ++i) {
      if (is_web_tool((*tools)[i]) != web) continue;
      RawBlock block;
      block.section = Section::tools;
      block.path = fmt::format("tools.{}", i);
      block.value = &(*tools)[i];
      blocks.push_back(std::move(block));
    }
  }
}

RawBlock text_block(Section section, std::string_view text, std::string path) {
  RawBlock block;
  block.section = section;
  block.path = std::move(path);
  block.text = text;
  block.is_text = true;
  return block;
}

/// `content` is a string or an array of blocks; a string is the same prompt as one text block.
void collect_content(const json::value& content, Section section, const std::string& path,
                     std::vector<RawBlock>& blocks) {
  if (const json::string* text = content.if_string()) {
    blocks.push_back(text_block(section, {text->data(), text->size()}, path));
    return;
  }
  const json::array* parts = content.if_array();
  for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
    const json::value& part = (*parts)[i];
    RawBlock block = text_block(section, text_member(part, "text"), fmt::format("{}.{}", path, i));
    block.value = &part;
    block.is_text = block.type() == "text";
    blocks.push_back(std::move(block));
  }
}

/// System messages in mid-conversation came with these models (and not with Sonnet 5).
bool takes_system_messages(const config::Model& model) {
  constexpr std::string_view kSince[] = {"claude-opus-4-8",   "claude-opus-5",
                                         "claude-fable-5",    "claude-mythos-5",
                                         "claude-sonnet-5-5", "claude-haiku-5-5"};
  return std::any_of(std::begin(kSince), std::end(kSince),
                     [&](std::string_view name) { return model.name.starts_with(name); });
}

Parsed<void> check_role(std::string_view role, std::size_t index, const config::Model& model) {
  if (role == "user" || role == "assistant") return {};
  if (role == "system" && takes_system_messages(model)) return {};
  if (role == "system") {
    return ApiError{400,
                    "messages: Unexpected role \"system\". The Messages API accepts a top-level "
                    "`system` parameter, not \"system\" as an input message role."};
  }
  return ApiError{400,
                  fmt::format("messages.{}.role: Input should be 'user' or 'assistant'", index)};
}

/// Models that drop earlier thinking when the user speaks again: what follows is another prefix.
bool forgets_thinking(const config::Model& model) {
  const std::string_view name = model.name;
  return name.find("haiku") != name.npos || name.starts_with("claude-sonnet-4-5");
}

bool is_thinking(const RawBlock& block) {
  return block.type() == "thinking" || block.type() == "redacted_thinking";
}

void forget_old_thinking(std::vector<RawBlock>& blocks) {
  const auto last_question =
      std::find_if(blocks.rbegin(), blocks.rend(), [](const RawBlock& block) {
        return block.section == Section::messages && block.role == "user" &&
               block.type() != "tool_result";
      });
  const auto end = last_question.base();
  for (auto block = blocks.begin(); block != end; ++block) {
    // The message stays, so what opens it moves on to its next block.
    const auto next = std::next(block);
    if (is_thinking(*block) && block->opens_message && next != blocks.end()) {
      next->opens_message = true;
    }
  }
  blocks.erase(std::remove_if(blocks.begin(), end, is_thinking), end);
}

Parsed<void> collect_messages(const json::value& body, const config::Model& model,
                              std::vector<RawBlock>& blocks) {
  const json::array* messages = array_member(body, "messages");
  if (messages == nullptr) return ApiError{400, "messages: Field required"};
  if (messages->empty()) return ApiError{400, "messages: at least one message is required"};
  for (std::size_t i = 0; i < messages->size(); ++i) {
    const json::value& message = (*messages)[i];
    const std::string_view role = text_member(message, "role");
    if (auto checked = check_role(role, i, model); !checked) return checked;
    const json::value* content = member(message, "content");
    if (content == nullptr) {
      return ApiError{400, fmt::format("messages.{}.content: Field required", i)};
    }
    const std::size_t first = blocks.size();
    collect_content(*content, Section::messages, fmt::format("messages.{}.content", i), blocks);
    for (std::size_t b = first; b < blocks.size(); ++b) {
      blocks[b].role = role;
      blocks[b].opens_message = b == first;
      blocks[b].may_be_empty = role == "assistant" && i + 1 == messages->size();
    }
  }
  return {};
}

}  // namespace

std::string_view RawBlock::type() const {
  return value == nullptr ? std::string_view("text") : text_member(*value, "type");
}

const json::value* RawBlock::marker() const {
  if (value == nullptr) return nullptr;
  if (const json::value* own = member(*value, "cache_control")) return own;
  if (type() != "tool_result") return nullptr;
  const json::array* parts = array_member(*value, "content");
  for (std::size_t i = parts == nullptr ? 0 : parts->size(); i > 0; --i) {
    if (const json::value* inner = member((*parts)[i - 1], "cache_control")) return inner;
  }
  return nullptr;
}

bool RawBlock::is_cacheable() const {
  return !is_thinking(*this) && !(is_text && text.empty());
}

Parsed<std::vector<RawBlock>> collect_blocks(const json::value& body, const config::Model& model) {
  std::vector<RawBlock> blocks;
  collect_tools(body, blocks);
  if (const json::value* system = member(body, "system")) {
    collect_content(*system, Section::system, "system", blocks);
  }
  if (auto collected = collect_messages(body, model, blocks); !collected) return collected.error();
  if (forgets_thinking(model)) forget_old_thinking(blocks);
  return blocks;
}

}  // namespace foreword::simulator
