#include "simulator/answer.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "config/hash128.h"
#include "simulator/json.h"
#include "simulator/tokenizer.h"

namespace foreword::simulator {
namespace {

constexpr std::size_t kMaxQuotedBytes = 120;
constexpr std::size_t kMaxCited = 3;
constexpr std::size_t kMaxPathBytes = 512;
constexpr std::uint64_t kTokensPerDelta = 8;

constexpr std::array<std::string_view, 8> kSentences = {
    " The relevant section is short and can be followed as written.",
    " Two details matter here: who is responsible, and by when.",
    " The text gives one exception, which does not apply to this case.",
    " Where the documents disagree, the newer one is meant.",
    " Nothing in the material contradicts this reading.",
    " If the situation changes, start again from the first step.",
    " The usual order is to check, then to ask, then to act.",
    " An example in the text follows the same pattern.",
};

/// Words of the question that a path can have in common with it.
std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::size_t kMinWordBytes = 4;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::vector<std::string_view> words;
  for (auto at = text.find_first_of(kLetters); at != text.npos;) {
    const auto end = std::min(text.find_first_not_of(kLetters, at), text.size());
    if (end - at >= kMinWordBytes) words.push_back(text.substr(at, end - at));
    at = text.find_first_of(kLetters, end);
  }
  return words;
}

/// Paths between <source> and </source>, those that share a word with the question first.
std::vector<std::string_view> cited_sources(const AnswerRequest& request) {
  constexpr std::string_view kOpen = "<source>";
  constexpr std::string_view kClose = "</source>";
  const auto words = words_of(request.question.substr(0, 1024));
  const auto shares_word = [&](std::string_view path) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return path.find(word) != path.npos; });
  };
  std::vector<std::string_view> matching;
  std::vector<std::string_view> others;
  for (const std::string_view text : request.texts) {
    for (auto at = text.find(kOpen); at != text.npos; at = text.find(kOpen, at)) {
      at += kOpen.size();
      const auto end = text.substr(at, kMaxPathBytes).find(kClose);
      if (end == text.npos) continue;
      const std::string_view path = text.substr(at, end);
      auto& list = shares_word(path) ? matching : others;
      if (list.size() < kMaxCited) list.push_back(path);
      if (matching.size() == kMaxCited) return matching;
    }
  }
  matching.insert(matching.end(), others.begin(), others.end());
  matching.resize(std::min(matching.size(), kMaxCited));
  return matching;
}

/// At most `limit` bytes, not ending inside a UTF-8 sequence.
std::string_view front_of(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

std::string full_text(const AnswerRequest& request) {
  std::string text =
      request.question.empty()
          ? "There was no question, so this is what can be said in general."
          : fmt::format("You asked: \"{}\".", front_of(request.question, kMaxQuotedBytes));
  const auto sources = cited_sources(request);
  if (sources.empty()) {
    text += " No document was given with this prompt, so the answer rests on the question alone.";
  } else {
    text += fmt::format(" The answer is in {}.", fmt::join(sources, " and in "));
  }
  for (auto i = config::xxh3_128(request.question).low;
       count_tokens(text, request.piece_bytes) < request.target_tokens; ++i) {
    text += kSentences[i % kSentences.size()];
  }
  if (!request.as_json) return text;
  return json::serialize(json::object{{"answer", text}});
}

/// Moves a cut out of the middle of a UTF-8 sequence, so that every delta is valid text.
std::size_t on_character(std::string_view text, std::size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  return at;
}

}  // namespace

std::string Answer::text() const {
  std::string all;
  for (const auto& delta : deltas) all += delta.text;
  return all;
}

std::uint64_t Answer::tokens() const {
  return deltas.empty() ? 0 : deltas.back().tokens_so_far;
}

Answer compose_answer(const AnswerRequest& request) {
  const std::string text = full_text(request);
  const std::uint64_t wanted = count_tokens(text, request.piece_bytes);
  const std::uint64_t allowed = std::min(wanted, request.max_tokens.value_or(wanted));

  Answer answer;
  answer.is_cut = allowed < wanted;
  std::string_view rest = text;
  for (std::uint64_t done = 0; done < allowed && !rest.empty();) {
    const std::uint64_t step = std::min(kTokensPerDelta, allowed - done);
    done += step;
    const bool is_whole_rest = done == wanted;
    const std::size_t bytes =
        is_whole_rest ? rest.size()
                      : on_character(rest, first_tokens(rest, step, request.piece_bytes).size());
    answer.deltas.push_back({std::string(rest.substr(0, bytes)), done});
    rest.remove_prefix(bytes);
  }
  return answer;
}

}  // namespace foreword::simulator
