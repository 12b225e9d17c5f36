#include "simulator/tokenizer.h"

#include <algorithm>

#include <xxhash.h>

namespace foreword::simulator {
namespace {

/// Below this, cutting again is cheaper than looking up; above that, no model's window would take
/// it.
constexpr std::size_t kMinMemoBytes = 1024;
constexpr std::size_t kMaxMemoBytes = 8u << 20;

bool is_worth_remembering(std::string_view text) {
  return text.size() >= kMinMemoBytes && text.size() <= kMaxMemoBytes;
}

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= 'a' && byte <= 'z');
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Where the token that starts at `at` ends. REQUIRES: at < text.size().
std::size_t token_end(std::string_view text, std::size_t at, std::size_t piece_bytes) {
  std::size_t end = at;
  if (is_blank(text[end])) {
    // One space belongs to the word behind it; a longer run is one token of its own.
    while (end < text.size() && is_blank(text[end])) ++end;
    if (end - at > 1 || text[at] != ' ' || end == text.size() || !is_word_byte(text[end]))
      return end;
  } else if (!is_word_byte(text[end])) {
    return end + 1;
  }
  const std::size_t limit = std::min(text.size(), end + piece_bytes);
  while (end < limit && is_word_byte(text[end])) ++end;
  return end;
}

}  // namespace

std::size_t piece_bytes_for(const config::Model& model) {
  switch (model.provider) {
    case config::Provider::anthropic:
      return model.bytes_per_token < 3.0 ? 4 : 6;
    case config::Provider::openai:
      return 10;
    case config::Provider::gemini:
      return 8;
  }
  return 8;
}

std::uint64_t count_tokens(std::string_view text, std::size_t piece_bytes) {
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at = token_end(text, at, piece_bytes);
  return count;
}

std::vector<Token> tokenize(std::string_view text, std::size_t piece_bytes) {
  std::vector<Token> tokens;
  tokens.reserve(text.size() / 4 + 1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = token_end(text, at, piece_bytes);
    tokens.push_back(static_cast<Token>(XXH3_64bits(text.data() + at, end - at)));
    at = end;
  }
  return tokens;
}

std::string_view first_tokens(std::string_view text, std::uint64_t count, std::size_t piece_bytes) {
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < count && at < text.size(); ++i) {
    at = token_end(text, at, piece_bytes);
  }
  return text.substr(0, at);
}

std::uint64_t TokenMemo::count(std::string_view text, std::size_t piece_bytes) {
  if (!is_worth_remembering(text)) return count_tokens(text, piece_bytes);
  return tokens_of(text, piece_bytes)->size();
}

void TokenMemo::append(std::string_view text, std::size_t piece_bytes, std::vector<Token>& out) {
  if (!is_worth_remembering(text)) {
    const auto tokens = tokenize(text, piece_bytes);
    out.insert(out.end(), tokens.begin(), tokens.end());
    return;
  }
  const auto tokens = tokens_of(text, piece_bytes);
  out.insert(out.end(), tokens->begin(), tokens->end());
}

std::shared_ptr<const std::vector<Token>> TokenMemo::tokens_of(std::string_view text,
                                                               std::size_t piece_bytes) {
  const config::Hash128 hash = config::xxh3_128(text);
  Entry& place = places_[(hash.low + piece_bytes) % kPlaces];
  {
    const std::lock_guard lock(mutex_);
    if (place.tokens && place.text == hash && place.piece_bytes == piece_bytes) return place.tokens;
  }
  // Outside the lock: two threads may cut the same text at once, with the same result.
  auto tokens = std::make_shared<const std::vector<Token>>(tokenize(text, piece_bytes));
  const std::lock_guard lock(mutex_);
  place = Entry{hash, piece_bytes, tokens};
  return tokens;
}

}  // namespace foreword::simulator
