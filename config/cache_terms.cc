#include "config/cache_terms.h"

namespace foreword::config {
namespace {

constexpr std::int32_t kMinute = 60;
constexpr std::int32_t kHour = 60 * kMinute;

/// Of Anthropic and OpenAI both, per request.
constexpr std::uint32_t kMaxMarks = 4;

struct PublishedTerms {
  TokenClass short_class{};
  TokenClass long_class{};
  std::int32_t ttl_short_s = 0;
  std::int32_t ttl_long_s = 0;
  std::uint32_t lookback = 0;
};

/// Each breakpoint checks at most 20 positions, its own counted.
constexpr PublishedTerms kAnthropic{TokenClass::cache_write_5m, TokenClass::cache_write_1h,
                                    5 * kMinute, kHour, 20};
/// From gpt-5.6 on. The guide looks up the latest 50 explicit breakpoints, the types say 80 and no
/// limit in blocks: earlier messages keep their breakpoints, so either finds all that was written.
constexpr PublishedTerms kOpenAi{TokenClass::cache_write_30m, TokenClass::cache_write_12h,
                                 30 * kMinute, 12 * kHour, kUnlimitedLookback};

/// OpenAI before gpt-5.6: 5 to 10 idle minutes in memory, up to an hour. Gemini publishes nothing
/// but "send similar requests close in time".
constexpr std::int32_t kAutomaticOpenAiS = 10 * kMinute;
constexpr std::int32_t kAutomaticGeminiS = 5 * kMinute;

/// For models whose minimum is not published, what most of their provider's newest ones have.
std::uint32_t usual_min_tokens(Provider provider) {
  switch (provider) {
    case Provider::anthropic:
      return 512;
    case Provider::openai:
      return 1024;
    case Provider::gemini:
      return 4096;
  }
  return 0;
}

double ratio(const Rates& rates, TokenClass token_class) {
  const auto input = rates[TokenClass::input];
  // A free model: nothing is dearer than anything else.
  if (input == 0) return 1;
  return static_cast<double>(rates[token_class]) / static_cast<double>(input);
}

void set_published(CacheTerms& terms, const Rates& rates, const PublishedTerms& published) {
  terms.marks = true;
  terms.write_short = ratio(rates, published.short_class);
  terms.write_long = ratio(rates, published.long_class);
  terms.ttl_short_s = published.ttl_short_s;
  terms.ttl_long_s = published.ttl_long_s;
  terms.max_marks = kMaxMarks;
  terms.lookback = published.lookback;
}

}  // namespace

CacheTerms cache_terms(const Model& model, TimePoint at) {
  const auto rates = rates_in_force(model, 0, at).rates;
  CacheTerms terms;
  terms.read = ratio(rates, TokenClass::cache_read);
  terms.min_tokens = static_cast<std::uint32_t>(
      model.min_cacheable_tokens.value_or(usual_min_tokens(model.provider)));
  if (model.provider == Provider::anthropic) {
    set_published(terms, rates, kAnthropic);
  } else if (model.explicit_breakpoints) {
    set_published(terms, rates, kOpenAi);
  } else {
    terms.writes_free = true;
    terms.lookback = kUnlimitedLookback;
    terms.ttl_short_s = model.provider == Provider::openai ? kAutomaticOpenAiS : kAutomaticGeminiS;
  }
  return terms;
}

TokenClass write_class(Provider provider, bool longer) {
  switch (provider) {
    case Provider::anthropic:
      return longer ? kAnthropic.long_class : kAnthropic.short_class;
    case Provider::openai:
      return longer ? kOpenAi.long_class : kOpenAi.short_class;
    case Provider::gemini:
      break;
  }
  return TokenClass::input;  // which is not charged for
}

}  // namespace foreword::config
