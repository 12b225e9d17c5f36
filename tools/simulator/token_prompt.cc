#include "simulator/token_prompt.h"

#include <memory>

#include <xxhash.h>

namespace foreword::simulator {
namespace {

constexpr std::size_t kMediaTokens = 765;

Token token_of(std::string_view bytes) {
  return static_cast<Token>(XXH3_64bits(bytes.data(), bytes.size()));
}

}  // namespace

void TokenPromptBuilder::add_role(std::string_view role) {
  prompt_.tokens.push_back(token_of("message"));
  prompt_.tokens.push_back(token_of(role));
  prompt_.tokens.push_back(token_of("content"));
}

void TokenPromptBuilder::add_text(std::string_view text, std::string_view role) {
  memo_.append(text, piece_bytes_, prompt_.tokens);
  prompt_.texts.push_back(text);
  if (role == "user") prompt_.question = text;
}

void TokenPromptBuilder::add_json(const json::value& value) {
  memo_.append(json::serialize(value), piece_bytes_, prompt_.tokens);
}

void TokenPromptBuilder::add_media(const json::value& value) {
  const Token token = token_of(json::serialize(value));
  prompt_.tokens.insert(prompt_.tokens.end(), kMediaTokens, token);
}

Boundary& TokenPromptBuilder::boundary() {
  auto& boundaries = prompt_.boundaries;
  if (boundaries.empty() || boundaries.back().position != prompt_.tokens.size()) {
    Boundary here;
    here.position = prompt_.tokens.size();
    boundaries.push_back(here);
  }
  return boundaries.back();
}

void TokenPromptBuilder::mark(OpenAiTtl ttl) {
  boundary().marker = ttl;
  ++prompt_.markers;
}

TokenPrompt TokenPromptBuilder::finish() {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::size_t hashed = 0;
  for (auto& boundary : prompt_.boundaries) {
    XXH3_128bits_update(state.get(), prompt_.tokens.data() + hashed,
                        (boundary.position - hashed) * sizeof(Token));
    hashed = boundary.position;
    const XXH128_hash_t digest = XXH3_128bits_digest(state.get());
    boundary.prefix = {digest.high64, digest.low64};
  }
  return std::move(prompt_);
}

}  // namespace foreword::simulator
