#include "proxy/refused_insertion.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace foreword::proxy {
namespace {

namespace json = boost::json;
using assembler::Addition;
using config::Operation;
using Words = std::span<const std::string_view>;

// --- the error's texts ---------------------------------------------------------------------------

constexpr std::size_t kMaxErrorDepth = 32;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// FastAPI's `loc`: ["body","system",0] reads as "body.system.0".
std::string path_text(const json::array& elements) {
  std::string path;
  for (const auto& element : elements) {
    if (!path.empty()) path += '.';
    if (element.is_string()) path += std::string_view(element.get_string());
    if (element.is_int64()) path += std::to_string(element.get_int64());
  }
  return path;
}

/// All that the error says, in lower case. What repeats the request is left out.
class ErrorTexts {
 public:
  explicit ErrorTexts(std::string_view body) {
    json::parse_options options;
    options.max_depth = kMaxErrorDepth;
    boost::system::error_code error;
    const auto parsed =
        json::parse(json::string_view(body.data(), body.size()), error, {}, options);
    if (error) {
      add(body);
    } else {
      collect(parsed);
    }
  }

  [[nodiscard]] const std::vector<std::string>& list() const { return texts_; }
  [[nodiscard]] bool have_any(bool (*test)(std::string_view, std::string_view), Words words) const {
    return std::ranges::any_of(texts_, [&](const std::string& text) {
      return std::ranges::any_of(words, [&](auto word) { return test(text, word); });
    });
  }

 private:
  void add(std::string_view text) { texts_.push_back(lower_case(text)); }

  void collect(const json::value& value) {
    if (value.is_string()) add(value.get_string());
    if (value.is_array()) {
      const auto& elements = value.get_array();
      const bool path = std::ranges::all_of(
          elements, [](const auto& element) { return element.is_string() || element.is_int64(); });
      if (path) return add(path_text(elements));
      for (const auto& element : elements) collect(element);
    }
    if (value.is_object()) {
      for (const auto& [name, member] : value.get_object()) {
        if (name != "input") collect(member);
      }
    }
  }

  std::vector<std::string> texts_;
};

bool has_text(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

/// As a whole word: `ttl` is none of `throttle`.
bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || !is_word_byte(text[at - 1]);
    if (begins && (end == text.size() || !is_word_byte(text[end]))) return true;
  }
  return false;
}

/// Behind `list`, as "system.3" or "input[3]".
std::optional<std::size_t> take_index(std::string_view& path) {
  if (!path.starts_with('.') && !path.starts_with('[')) return std::nullopt;
  std::size_t index = 0;
  const auto* begin = path.data() + 1;
  const auto [end, failed] = std::from_chars(begin, path.data() + path.size(), index);
  if (failed != std::errc()) return std::nullopt;
  path.remove_prefix(static_cast<std::size_t>(end - path.data()));
  if (path.starts_with(']')) path.remove_prefix(1);
  return index;
}

// --- what it names -------------------------------------------------------------------------------

constexpr std::array<std::string_view, 4> kMarkWords = {"cache_control", "ttl", "ephemeral",
                                                        "prompt caching"};
constexpr std::array<std::string_view, 4> kBreakpointWords = {
    "prompt_cache_breakpoint", "prompt_cache_options", "breakpoint", "breakpoints"};
constexpr std::array<std::string_view, 1> kKeyWords = {"prompt_cache_key"};
constexpr std::array<std::string_view, 2> kUsageWords = {"stream_options", "include_usage"};
constexpr std::array<std::string_view, 1> kDeveloperWords = {"developer"};
constexpr std::array<std::string_view, 1> kSystemWords = {"system"};
constexpr std::array<std::string_view, 2> kRoleWords = {"role", "roles"};
constexpr std::array<std::string_view, 4> kInstructionWords = {
    "systeminstruction", "system_instruction", "system instruction", "developer instruction"};

/// That there is no such place, or that it takes another form.
constexpr std::array<std::string_view, 13> kFormTexts = {
    "not support", "unsupported", "not enabled", "not permitted", "not allowed",
    "unknown",     "unrecognize", "unrecognise", "unexpected",    "cannot find field",
    "should be",   "must be",     "expected"};
constexpr std::array<std::string_view, 8> kSizeTexts = {
    "too long", "too large", "too many", "exceed", "maximum", "at most", "length", "token"};

/// An index at the front of the list that holds our blocks.
bool points_at_ours(const ErrorTexts& texts, const RefusedRequest& request) {
  constexpr std::array<std::string_view, 3> kLists = {"system", "messages", "input"};
  const bool blocks = request.operation == Operation::messages;
  const auto lists = blocks ? Words(kLists).first(1) : Words(kLists).last(2);
  const auto ours = blocks ? request.blocks : 1;  // OpenAI: one message holds all of them
  for (std::string_view text : texts.list()) {
    for (const auto list : lists) {
      for (auto at = text.find(list); at != text.npos; at = text.find(list, at + 1)) {
        auto path = text.substr(at + list.size());
        const auto index = take_index(path);
        if (index && *index < ours) return true;
      }
    }
  }
  return false;
}

bool names(const ErrorTexts& texts, Words words) {
  return texts.have_any(has_word, words);
}

bool is_about_form(const ErrorTexts& texts) {
  return texts.have_any(has_text, kFormTexts) && !texts.have_any(has_text, kSizeTexts);
}

/// The path of `system` itself or of a block of ours, not of what is in it: "system", "system.0",
/// "body.system.0.type".
bool is_place_of_ours(std::string_view text, const RefusedRequest& request) {
  constexpr std::string_view kBody = "body.";
  constexpr std::string_view kSystem = "system";
  if (text.starts_with(kBody)) text.remove_prefix(kBody.size());
  if (!text.starts_with(kSystem)) return false;
  text.remove_prefix(kSystem.size());
  const auto index = take_index(text);
  if (text.starts_with(".type")) text.remove_prefix(5);
  if (!text.empty() && !text.starts_with(':')) return false;
  if (index) return *index < request.blocks;
  return !request.clients_own.has(Addition::knowledge);
}

bool refuses_knowledge(const ErrorTexts& texts, const RefusedRequest& request) {
  if (!is_about_form(texts)) return false;
  const bool clients_too = request.clients_own.has(Addition::knowledge);
  switch (request.operation) {
    case Operation::messages:
      return std::ranges::any_of(texts.list(),
                                 [&](const auto& text) { return is_place_of_ours(text, request); });
    case Operation::chat_completions:
    case Operation::responses:
      return !clients_too && !request.added.has(Addition::developer_role) &&
             names(texts, kRoleWords) && names(texts, kSystemWords);
    case Operation::generate_content:
      return !clients_too && names(texts, kInstructionWords);
    case Operation::other:
      break;
  }
  return false;
}

bool refuses(Addition addition, const ErrorTexts& texts, const RefusedRequest& request) {
  const bool clients_too = request.clients_own.has(addition);
  switch (addition) {
    case Addition::breakpoints: {
      const bool anthropic = request.operation == Operation::messages;
      const bool named = names(texts, anthropic ? Words(kMarkWords) : Words(kBreakpointWords));
      return named && (!clients_too || points_at_ours(texts, request));
    }
    case Addition::cache_key:
      return names(texts, kKeyWords);
    case Addition::usage:
      return !clients_too && names(texts, kUsageWords);
    case Addition::developer_role:
      return names(texts, kDeveloperWords) && names(texts, kRoleWords);
    case Addition::knowledge:
      return refuses_knowledge(texts, request);
  }
  return false;
}

}  // namespace

std::optional<Addition> find_refused(const RefusedRequest& request, std::string_view body) {
  const ErrorTexts texts(body);
  // What can be done without first: an error at "system.0.cache_control" names both.
  constexpr std::array kOrder = {Addition::breakpoints, Addition::cache_key, Addition::usage,
                                 Addition::developer_role, Addition::knowledge};
  static_assert(kOrder.size() == assembler::kAllAdditions.size());
  for (const Addition addition : kOrder) {
    if (request.added.has(addition) && refuses(addition, texts, request)) return addition;
  }
  return std::nullopt;
}

}  // namespace foreword::proxy
