// An own estimate of how providers cut text into tokens: words in pieces, marks one by one.
//
// It is deterministic and cuts at places that depend only on the text before them, so the tokens of
// a common prefix are common too, and counts of segments add up to the count of the prompt.
// Free functions are pure. TokenMemo is safe to use from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "config/hash128.h"
#include "config/models.h"

namespace foreword::simulator {

/// A token as far as a cache cares: the hash of its bytes.
using Token = std::uint32_t;

/// The longest piece of a word that is still one token, in bytes. Smaller for the tokenisers of
/// Claude 4.7 and later, which count about 30 % more tokens for the same text.
[[nodiscard]] std::size_t piece_bytes_for(const config::Model& model);

[[nodiscard]] std::uint64_t count_tokens(std::string_view text, std::size_t piece_bytes);
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, std::size_t piece_bytes);
/// The front of `text` that is `count` tokens long, or all of it.
[[nodiscard]] std::string_view first_tokens(std::string_view text, std::uint64_t count,
                                            std::size_t piece_bytes);

/// Remembers long texts, so that a knowledge base in front of every prompt is cut once.
class TokenMemo {
 public:
  [[nodiscard]] std::uint64_t count(std::string_view text, std::size_t piece_bytes);
  void append(std::string_view text, std::size_t piece_bytes, std::vector<Token>& out);

 private:
  struct Entry {
    config::Hash128 text;
    std::size_t piece_bytes = 0;
    std::shared_ptr<const std::vector<Token>> tokens;
  };
  [[nodiscard]] std::shared_ptr<const std::vector<Token>> tokens_of(std::string_view text,
                                                                    std::size_t piece_bytes);

  /// Direct-mapped: a newcomer replaces whoever had its place. With a limit on each text (in the
  /// .cc) the number of places bounds the memory.
  static constexpr std::size_t kPlaces = 64;
  std::mutex mutex_;
  std::array<Entry, kPlaces> places_;
};

}  // namespace foreword::simulator
