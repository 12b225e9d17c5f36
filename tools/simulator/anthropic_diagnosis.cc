#include "simulator/anthropic_diagnosis.h"

#include <algorithm>

namespace foreword::simulator {
namespace {

/// Tokens of the earlier prompt up to its last breakpoint: what a match would have read.
std::uint64_t cached_tokens(const std::vector<AnthropicBlock>& blocks) {
  std::uint64_t sum = 0;
  std::uint64_t cached = 0;
  for (const auto& block : blocks) {
    sum += block.tokens;
    if (block.marker) cached = sum;
  }
  return cached;
}

bool is_prefix(const std::vector<AnthropicBlock>& earlier, const std::vector<AnthropicBlock>& now) {
  // Hashes are cumulative, so the last one speaks for all before it.
  return earlier.empty() ||
         (earlier.size() <= now.size() && now[earlier.size() - 1].prefix == earlier.back().prefix);
}

json::object reason(std::string_view type, std::uint64_t missed_tokens) {
  return {{"cache_miss_reason",
           json::object{{"type", type}, {"cache_missed_input_tokens", missed_tokens}}}};
}

}  // namespace

json::value AnthropicDiagnosis::diagnose(const json::value& body, const config::Hash128& scope,
                                         const AnthropicPrompt& prompt) {
  const json::value* asked = member(body, "diagnostics");
  if (asked == nullptr) return nullptr;
  const std::string_view id = text_member(*asked, "previous_message_id");
  if (id.empty()) return json::object{{"cache_miss_reason", nullptr}};

  const Shape now = shape_of(scope, prompt);
  const std::lock_guard lock(mutex_);
  const auto earlier = std::find_if(shapes_.begin(), shapes_.end(),
                                    [id](const Shape& shape) { return shape.message_id == id; });
  if (earlier == shapes_.end()) {
    return json::object{
        {"cache_miss_reason", json::object{{"type", "previous_message_not_found"}}}};
  }
  const std::uint64_t missed = cached_tokens(earlier->blocks);
  if (earlier->scope != now.scope) return reason("model_changed", missed);
  if (earlier->tools != now.tools) return reason("tools_changed", missed);
  if (earlier->system != now.system) return reason("system_changed", missed);
  if (!is_prefix(earlier->blocks, now.blocks)) return reason("messages_changed", missed);
  return json::object{{"cache_miss_reason", nullptr}};
}

void AnthropicDiagnosis::remember(const std::string& message_id, const config::Hash128& scope,
                                  const AnthropicPrompt& prompt) {
  Shape shape = shape_of(scope, prompt);
  shape.message_id = message_id;
  const std::lock_guard lock(mutex_);
  if (shapes_.size() == kMaxShapes) shapes_.pop_front();
  shapes_.push_back(std::move(shape));
}

void AnthropicDiagnosis::clear() {
  const std::lock_guard lock(mutex_);
  shapes_.clear();
}

AnthropicDiagnosis::Shape AnthropicDiagnosis::shape_of(const config::Hash128& scope,
                                                       const AnthropicPrompt& prompt) {
  const auto prefix_at = [&](std::size_t blocks) {
    return blocks == 0 ? config::Hash128{} : prompt.blocks[blocks - 1].prefix;
  };
  return Shape{"", scope, prefix_at(prompt.tool_blocks),
               prefix_at(prompt.tool_blocks + prompt.system_blocks), prompt.blocks};
}

}  // namespace foreword::simulator
