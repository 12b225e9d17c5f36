#include "proxy/cache_key.h"

#include <algorithm>
#include <optional>

namespace foreword::proxy {
namespace {

using assembler::Outline;
using assembler::Segment;
using assembler::SegmentKind;
using config::Operation;

/// A conversation is known by how its first message begins; pictures are long.
constexpr std::size_t kConversationBytes = 4096;

std::string_view text_of(const Segment& segment, std::string_view body) {
  return body.substr(segment.span.begin, segment.span.size());
}

/// The part of a prompt that an application's requests share.
struct PromptHead {
  config::Hash128 hash;
  std::size_t bytes = 0;
};

/// Tools, instructions, and the first block of a chat that has a system or developer message: the
/// outline does not say where that message ends, and it mostly comes first.
PromptHead head_of(const Outline& outline, std::string_view body) {
  PromptHead head;
  std::string hashes;
  const auto add = [&](const Segment& segment) {
    hashes += config::to_bytes(config::xxh3_128(text_of(segment, body)));
    head.bytes += segment.span.size();
  };
  for (const auto kind : {SegmentKind::tool, SegmentKind::system_block}) {
    for (const auto& segment : outline.segments) {
      if (segment.kind == kind) add(segment);
    }
  }
  const auto first =
      std::ranges::find(outline.segments, SegmentKind::message_block, &Segment::kind);
  const bool has_message = !outline.openai.first_instruction_role.empty();
  if (has_message && first != outline.segments.end()) add(*first);
  head.hash = config::xxh3_128(hashes);
  return head;
}

/// Says the same of all requests of a conversation: its first block behind the head.
std::uint64_t conversation_of(const Outline& outline, std::string_view body) {
  std::size_t skip = outline.openai.first_instruction_role.empty() ? 0 : 1;
  for (const auto& segment : outline.segments) {
    if (segment.kind != SegmentKind::message_block) continue;
    if (skip-- > 0) continue;
    return config::xxh3_128(text_of(segment, body).substr(0, kConversationBytes)).low;
  }
  return 0;
}

bool may_have_key(const Outline& outline) {
  const bool openai =
      outline.operation == Operation::chat_completions || outline.operation == Operation::responses;
  return openai && !outline.openai.has_prompt_cache_key &&
         !outline.openai.continues_stored_conversation;
}

bool is_cacheable(std::size_t bytes, const config::Model& model) {
  const auto least = model.min_cacheable_tokens.value_or(config::limits::kOpenAiMinCacheableTokens);
  return static_cast<double>(bytes) >= static_cast<double>(least) * model.bytes_per_token;
}

}  // namespace

std::string choose_cache_key(const KeyedPrompt& prompt, Affinity& affinity, AffinityTime now) {
  const auto& outline = *prompt.outline;
  if (!may_have_key(outline)) return {};
  const bool routed_by_key = prompt.model != nullptr && !prompt.model->explicit_breakpoints;
  std::string key(prompt.kb_key);
  if (key.empty() && routed_by_key) {
    const auto head = head_of(outline, prompt.body);
    if (is_cacheable(head.bytes, *prompt.model)) key = "foreword-" + config::to_hex(head.hash);
  }
  if (key.empty() || !routed_by_key) return key;
  std::string prefix = key;
  prefix.append("\n").append(prompt.model->name).append("\n").append(prompt.scope);
  const auto shard =
      affinity.next(config::xxh3_128(prefix), conversation_of(outline, prompt.body), now);
  return shard_name(key, shard);
}

}  // namespace foreword::proxy
