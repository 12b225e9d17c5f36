#include "simulator/anthropic_prompt.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/limits.h"
#include "simulator/anthropic_blocks.h"

namespace foreword::simulator {
namespace {

constexpr std::string_view kNewestVersion = "2026-10-21";
/// About what an image of a megapixel, or a page of a PDF, counts.
constexpr std::uint64_t kMediaTokens = 1600;
constexpr std::uint64_t kTokensPerMessage = 4;
constexpr std::uint64_t kTokensPerTool = 8;
/// What opens the answer: behind every breakpoint, so always plain input.
constexpr std::uint64_t kAnswerOpeningTokens = 3;

// --- markers ------------------------------------------------------------------------------------

Parsed<AnthropicTtl> read_ttl(const json::value& marker, const std::string& path) {
  if (text_member(marker, "type") != "ephemeral") {
    return ApiError{400, path + ".cache_control.type: Input should be 'ephemeral'"};
  }
  const json::value* ttl = member(marker, "ttl");
  if (ttl == nullptr || text_member(marker, "ttl") == "5m") return AnthropicTtl::five_minutes;
  if (text_member(marker, "ttl") == "1h") return AnthropicTtl::one_hour;
  return ApiError{400, path + ".cache_control.ephemeral.ttl: Input should be '5m' or '1h'"};
}

Parsed<void> check_markable(const RawBlock& block) {
  if (block.is_cacheable()) return {};
  if (block.is_text) {
    return ApiError{400, block.path + ".text: cache_control cannot be set for empty text blocks"};
  }
  return ApiError{400, fmt::format("{}.{}.cache_control: Extra inputs are not permitted",
                                   block.path, block.type())};
}

using Markers = std::vector<std::optional<AnthropicTtl>>;

Parsed<Markers> read_markers(const std::vector<RawBlock>& blocks) {
  Markers markers(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const json::value* marker = blocks[i].marker();
    if (marker == nullptr) continue;
    if (auto checked = check_markable(blocks[i]); !checked) return checked.error();
    const auto ttl = read_ttl(*marker, blocks[i].path);
    if (!ttl) return ttl.error();
    markers[i] = *ttl;
  }
  return markers;
}

/// The top-level cache_control: a breakpoint on the last block that can have one.
Parsed<void> place_automatic(const json::value& body, const std::vector<RawBlock>& blocks,
                             Markers& markers) {
  const json::value* automatic = member(body, "cache_control");
  if (automatic == nullptr) return {};
  const auto ttl = read_ttl(*automatic, "cache_control");
  if (!ttl) return ttl.error();
  for (std::size_t i = blocks.size(); i > 0; --i) {
    if (!blocks[i - 1].is_cacheable()) continue;
    auto& marker = markers[i - 1];
    if (marker && *marker != *ttl) {
      return ApiError{400,
                      blocks[i - 1].path +
                          ".cache_control: conflicts with the ttl of the top-level cache_control"};
    }
    marker = *ttl;
    break;
  }
  return {};
}

Parsed<void> check_markers(const std::vector<RawBlock>& blocks, const Markers& markers) {
  const auto count = static_cast<std::size_t>(std::count_if(
      markers.begin(), markers.end(), [](const auto& marker) { return marker.has_value(); }));
  if (count > config::limits::kAnthropicMaxBreakpoints) {
    return ApiError{
        400,
        fmt::format("A maximum of 4 blocks with cache_control may be provided. Found {}.", count)};
  }
  bool seen_5m = false;
  for (std::size_t i = 0; i < markers.size(); ++i) {
    if (markers[i] == AnthropicTtl::one_hour && seen_5m) {
      return ApiError{400,
                      blocks[i].path +
                          ".cache_control.ttl: a ttl='1h' cache_control block must not come after "
                          "a ttl='5m' cache_control block. Note that blocks are processed in the "
                          "following order: `tools`, `system`, `messages`."};
    }
    seen_5m = seen_5m || markers[i] == AnthropicTtl::five_minutes;
  }
  return {};
}

// --- content ------------------------------------------------------------------------------------

Parsed<void> check_content(const std::vector<RawBlock>& blocks, std::string_view version) {
  const bool is_newest = version >= kNewestVersion;
  for (const auto& block : blocks) {
    if (block.is_text && block.text.empty() && !block.may_be_empty) {
      const auto section = block.section == Section::system ? "system" : "messages";
      return ApiError{400, fmt::format("{}: text content blocks must be non-empty", section)};
    }
    if (!is_newest || block.value == nullptr) continue;
    if (block.role == "assistant" && block.type() == "document") {
      return ApiError{400, block.path + ": document blocks are not allowed in assistant messages"};
    }
    if (block.role == "user" && block.is_text && member(*block.value, "citations") != nullptr) {
      return ApiError{400, block.path + ".text.citations: Extra inputs are not permitted"};
    }
  }
  return {};
}

std::uint64_t count_value(const json::value& value, std::size_t piece_bytes, TokenMemo& memo) {
  if (const json::string* text = value.if_string()) {
    return memo.count({text->data(), text->size()}, piece_bytes);
  }
  if (const json::array* array = value.if_array()) {
    std::uint64_t tokens = 0;
    for (const auto& item : *array) tokens += count_value(item, piece_bytes, memo);
    return tokens;
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return 1;
  const std::string_view type = text_member(value, "type");
  if (type == "image" || type == "base64" || type == "url") return kMediaTokens;
  std::uint64_t tokens = 0;
  for (const auto& [key, item] : *object) {
    if (key != "cache_control" && key != "signature")
      tokens += 1 + count_value(item, piece_bytes, memo);
  }
  return tokens;
}

std::uint64_t count_block(const RawBlock& block, std::size_t piece_bytes, TokenMemo& memo) {
  std::uint64_t tokens = block.opens_message ? kTokensPerMessage : 0;
  if (block.section == Section::tools) tokens += kTokensPerTool;
  if (block.is_text) return tokens + memo.count(block.text, piece_bytes);
  return tokens + count_value(*block.value, piece_bytes, memo);
}

/// A marker is no part of the prompt: moving it must not change a hash.
void append_unmarked(const json::value& block, std::string& out) {
  const json::object* object = block.if_object();
  if (object == nullptr) {
    out += json::serialize(block);
    return;
  }
  for (const auto& [key, item] : *object) {
    if (key == "cache_control") continue;
    out += std::string_view(key.data(), key.size());
    out += '\0';
    const json::array* parts = key == "content" ? item.if_array() : nullptr;
    if (parts == nullptr) out += json::serialize(item);
    for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
      append_unmarked((*parts)[i], out);
    }
    out += '\0';
  }
}

config::Hash128 hash_content(const RawBlock& block) {
  if (block.is_text) return config::xxh3_128(block.text);
  std::string bytes = "block";
  append_unmarked(*block.value, bytes);
  return config::xxh3_128(bytes);
}

// --- what invalidates which part
// ------------------------------------------------------------------

bool has_image(const std::vector<RawBlock>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(), [](const RawBlock& block) {
    if (block.type() == "image") return true;
    const json::array* parts =
        block.type() == "tool_result" ? array_member(*block.value, "content") : nullptr;
    return parts != nullptr && std::any_of(parts->begin(), parts->end(), [](const auto& part) {
             return text_member(part, "type") == "image";
           });
  });
}

bool uses_citations(const std::vector<RawBlock>& blocks) {
  return std::any_of(blocks.begin(), blocks.end(), [](const RawBlock& block) {
    const json::value* citations =
        block.type() == "document" ? member(*block.value, "citations") : nullptr;
    return citations != nullptr && is_true(*citations, "enabled");
  });
}

/// Settings that leave the tools' prefix alone but change system and all behind it.
std::string system_salt(const json::value& body, const std::vector<RawBlock>& blocks) {
  return "speed" + member_bytes(body, "speed") + (uses_citations(blocks) ? "citations" : "");
}

/// Settings that change the messages' prefix only. An image counts by being there at all: agents
/// that append screenshots do keep their prefix.
std::string messages_salt(const json::value& body, const std::vector<RawBlock>& blocks) {
  std::string salt = "tool_choice" + member_bytes(body, "tool_choice") + "thinking" +
                     member_bytes(body, "thinking") + (has_image(blocks) ? "image" : "");
  if (const json::value* output = member(body, "output_config")) {
    // Naming the default is the same as leaving it out.
    const std::string_view effort = text_member(*output, "effort");
    if (effort != "high") salt += effort;
  }
  return salt;
}

config::Hash128 chained(const config::Hash128& before, std::string_view bytes) {
  return config::xxh3_128(config::to_bytes(before).append(bytes));
}

void hash_and_count(const json::value& body, const std::vector<RawBlock>& raw,
                    const Markers& markers, std::size_t piece_bytes, TokenMemo& memo,
                    AnthropicPrompt& prompt) {
  config::Hash128 prefix = config::xxh3_128("tools");
  Section section = Section::tools;
  prompt.tokens = kAnswerOpeningTokens;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const RawBlock& block = raw[i];
    if (section < Section::system && block.section >= Section::system) {
      prefix = chained(prefix, system_salt(body, raw));
    }
    if (section < Section::messages && block.section >= Section::messages) {
      prefix = chained(prefix, messages_salt(body, raw));
    }
    section = block.section;
    prefix = chained(prefix, config::to_bytes(hash_content(block)).append(block.role));
    const std::uint64_t tokens = count_block(block, piece_bytes, memo);
    prompt.blocks.push_back({prefix, tokens, markers[i]});
    prompt.tokens += tokens;
    prompt.breakpoints += markers[i].has_value() ? 1 : 0;
    prompt.tool_blocks += block.section == Section::tools ? 1 : 0;
    prompt.system_blocks += block.section == Section::system ? 1 : 0;
    if (block.is_text) prompt.texts.push_back(block.text);
    if (block.is_text && block.role == "user") prompt.question = block.text;
  }
}

Parsed<void> check_sampling(const json::value& body, std::string_view version) {
  if (version < kNewestVersion) return {};
  for (const std::string_view name : {"temperature", "top_p", "top_k"}) {
    if (member(body, name) != nullptr) {
      return ApiError{400,
                      fmt::format("{}: not supported in API version {}", name, kNewestVersion)};
    }
  }
  return {};
}

}  // namespace

Parsed<AnthropicPrompt> read_anthropic_prompt(const json::value& body, const config::Model& model,
                                              std::string_view version, TokenMemo& memo) {
  if (auto checked = check_sampling(body, version); !checked) return checked.error();
  const auto raw = collect_blocks(body, model);
  if (!raw) return raw.error();
  auto markers = read_markers(*raw);
  if (!markers) return markers.error();
  if (auto placed = place_automatic(body, *raw, *markers); !placed) return placed.error();
  if (auto checked = check_markers(*raw, *markers); !checked) return checked.error();
  if (auto checked = check_content(*raw, version); !checked) return checked.error();
  AnthropicPrompt prompt;
  hash_and_count(body, *raw, *markers, piece_bytes_for(model), memo, prompt);
  return prompt;
}

}  // namespace foreword::simulator
