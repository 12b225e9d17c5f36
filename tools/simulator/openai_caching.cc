#include "simulator/openai_caching.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace foreword::simulator {
namespace {

constexpr std::uint64_t kMinPrefixTokens = 1024;
/// "5 to 10 minutes of inactivity, an hour at most": the shorter reading.
constexpr PrefixLifetime kInMemory{std::chrono::minutes(5), std::chrono::hours(1)};
constexpr PrefixLifetime kOneDay{std::chrono::hours(24), std::chrono::hours(24)};
/// The front of the prompt that decides the machine.
constexpr std::size_t kRoutedTokens = 256;

config::Hash128 hash_tokens(std::span<const Token> tokens) {
  return config::xxh3_128({reinterpret_cast<const char*>(tokens.data()), tokens.size_bytes()});
}

config::Hash128 chained(const config::Hash128& hash, std::string_view bytes) {
  return config::xxh3_128(config::to_bytes(hash).append(bytes));
}

}  // namespace

Parsed<OpenAiServed> OpenAiCaching::serve(World& world, const config::Hash128& account,
                                          const config::Model& model, const json::value& body,
                                          const TokenPrompt& prompt,
                                          const OpenAiCacheOptions& options) {
  const auto scope =
      chained(account, fmt::format("{}\n{}\n{}", model.name, text_member(body, "prompt_cache_key"),
                                   cache_breaking_settings(body)));
  if (!model.explicit_breakpoints) return serve_prefix(world, scope, model, body, prompt);
  const BreakpointPolicy policy{options.is_explicit, options.ttl,
                                world.options.share_developer_block};
  const auto plan = plan_breakpoints(prompt.boundaries, policy);
  auto lookup = breakpoints_.look_up(scope, plan, prompt.tokens.size(), world.clock.now());
  return OpenAiServed{lookup.usage,
                      [this, writes = std::move(lookup.writes)] { breakpoints_.publish(writes); }};
}

Parsed<OpenAiServed> OpenAiCaching::serve_prefix(World& world, const config::Hash128& scope,
                                                 const config::Model& model,
                                                 const json::value& body,
                                                 const TokenPrompt& prompt) {
  const auto a_day = keeps_prefixes_a_day(body, model, world.options.zero_data_retention);
  if (!a_day) return a_day.error();
  const auto now = world.clock.now();
  const auto front = std::span(prompt.tokens).first(std::min(prompt.tokens.size(), kRoutedTokens));
  const auto route = chained(scope, config::to_bytes(hash_tokens(front)));
  const auto machine = chained(scope, std::to_string(router_.route(route, now)));
  auto lookup = std::make_shared<PrefixCache::Lookup>(prefixes_.look_up(
      machine, prompt.tokens, kMinPrefixTokens, *a_day ? kOneDay : kInMemory, now));
  OpenAiUsage usage;
  usage.cached = lookup->cached_tokens;
  usage.input = prompt.tokens.size() - usage.cached;
  return OpenAiServed{usage, [this, lookup] { prefixes_.publish(*lookup); }};
}

void OpenAiCaching::clear() {
  breakpoints_.clear();
  prefixes_.clear();
}

config::TokenCounts counts_of(const OpenAiUsage& usage, std::uint64_t output_tokens) {
  config::TokenCounts counts;
  counts[config::TokenClass::input] = usage.input;
  counts[config::TokenClass::cache_read] = usage.cached;
  counts[config::TokenClass::cache_write_30m] = usage.written_30m;
  counts[config::TokenClass::cache_write_12h] = usage.written_12h;
  counts[config::TokenClass::output] = output_tokens;
  return counts;
}

}  // namespace foreword::simulator
