// fill_store FOLDER ROWS: a store with that many ledger rows of the last 60 days, for the dashboard
// to show. Working hours, weekends, three providers, knowledge bases that change and expire, and
// requests that fail. The same at every run, but for the clock.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "cache/client_only.h"
#include "cache/ledger.h"
#include "config/cache_terms.h"
#include "config/models.h"

namespace foreword::test {
namespace {

using cache::LedgerRow;
using cache::Outcome;
using config::Operation;
using config::Provider;
using config::TokenClass;

constexpr int kDays = 60;
/// So that some are published while people work.
constexpr std::chrono::hours kNewVersionEvery{100};

struct Kind {
  Provider provider{};
  Operation operation{};
  const char* upstream = "";
  const char* model = "";
  const char* kb = "";
  const char* label = "";
  std::uint64_t kb_tokens = 0;
  int weight = 0;
};

constexpr std::array kKinds{
    Kind{Provider::anthropic, Operation::messages, "anthropic", "claude-sonnet-5-5", "handbook",
         "support", 180'000, 34},
    Kind{Provider::anthropic, Operation::messages, "anthropic", "claude-opus-5-5", "handbook",
         "research", 180'000, 3},
    Kind{Provider::anthropic, Operation::messages, "anthropic", "claude-sonnet-5-5",
         "handbook+policies", "sales", 245'000, 8},
    Kind{Provider::openai, Operation::responses, "openai", "gpt-6.2-sol", "policies", "sales",
         61'000, 16},
    Kind{Provider::openai, Operation::chat_completions, "openai", "gpt-5-mini", "", "ci", 0, 12},
    Kind{Provider::gemini, Operation::generate_content, "gemini", "gemini-3.8-flash",
         "product-docs", "support", 96'000, 12},
    Kind{Provider::anthropic, Operation::messages, "anthropic", "claude-haiku-5-5", "", "", 0, 12},
    Kind{Provider::openai, Operation::chat_completions, "local", "in-house-8b", "", "research", 0,
         3}};

class Filler {
 public:
  explicit Filler(config::TimePoint now) : now_(now) {}

  LedgerRow next(config::TimePoint at) {
    const auto& kind = choose();
    LedgerRow row;
    row.started = at;
    row.id = cache::make_request_id(at, static_cast<std::uint16_t>(random_()), random_());
    row.provider = kind.provider;
    row.operation = kind.operation;
    row.mode = config::Mode::optimize;
    row.upstream = kind.upstream;
    row.model = kind.model;
    row.label = kind.label;
    row.stream = chance(0.7);
    row.status = 200;
    row.outcome = Outcome::complete;
    row.usage_source = cache::UsageSource::reported;
    row.request_bytes = between(400, 9'000);
    row.first_byte = std::chrono::milliseconds(between(350, 2'500));
    row.duration = row.first_byte + std::chrono::milliseconds(between(900, 14'000));
    row.placement = "none";
    row.tokens[TokenClass::output] = between(40, 900);
    add_prompt(kind, row);
    if (chance(0.012)) go_wrong(row);
    price(row);
    return row;
  }

 private:
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + random_() % (high - low + 1);
  }
  bool chance(double of) { return static_cast<double>(random_() % 100'000) < of * 100'000; }

  const Kind& choose() {
    int whole = 0;
    for (const auto& kind : kKinds) whole += kind.weight;
    auto left = static_cast<int>(random_() % static_cast<std::uint64_t>(whole));
    for (const auto& kind : kKinds) {
      left -= kind.weight;
      if (left < 0) return kind;
    }
    return kKinds.front();
  }

  /// Read where the cache has it, else written, or sent plain where no cache takes marks.
  void add_prompt(const Kind& kind, LedgerRow& row) {
    const auto question = between(60, 2'400);
    row.tokens[TokenClass::input] = question;
    if (kind.kb_tokens == 0) {
      if (chance(0.3)) row.tokens[TokenClass::input] += 6'000;
      return;
    }
    const auto age = std::chrono::duration_cast<std::chrono::hours>(now_ - row.started);
    const auto version = static_cast<unsigned>(age / kNewVersionEvery);
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%032x", 0xabc00000u - version);
    row.kb = kind.kb;
    row.kb_version = text.data();
    row.kb_tokens_estimate = kind.kb_tokens;
    row.inserted_bytes = kind.kb_tokens * 3;
    const auto* model = config::ModelTable::built_in().find(kind.provider, kind.model);
    const auto terms = config::cache_terms(*model, row.started);
    row.placement = terms.marks ? "inserted" : "inserted_unmarked";
    if (terms.marks && chance(0.15)) row.client_markers = 1;
    auto& last = last_use_[row.model + "\n" + row.kb];
    const bool warm = last.version == row.kb_version && chance(0.995) &&
                      row.started - last.at < std::chrono::seconds(terms.ttl_short_s) &&
                      row.started - last.at > last.first_byte;
    const auto miss = !terms.marks                           ? TokenClass::input
                      : kind.provider == Provider::anthropic ? TokenClass::cache_write_5m
                                                             : TokenClass::cache_write_30m;
    row.tokens[warm ? TokenClass::cache_read : miss] += kind.kb_tokens;
    last = {row.started, row.first_byte, row.kb_version};
  }

  void go_wrong(LedgerRow& row) {
    const auto what = random_() % 4;
    if (what < 2) {
      row.outcome = what == 0 ? Outcome::client_gone : Outcome::upstream_cut;
      row.usage_source = cache::UsageSource::partial;
      return;
    }
    row.outcome = Outcome::failed;
    row.status = 502;
    row.error = "upstream_unreachable";
    row.usage_source = cache::UsageSource::none;
    row.tokens = {};
    row.kb_tokens_estimate = 0;
  }

  static void price(LedgerRow& row) {
    const auto& models = config::ModelTable::built_in();
    const auto* model = models.find(row.provider, row.model);
    if (model == nullptr) return;
    const auto cost = models.cost(*model, row.tokens, row.terms, row.started);
    row.priced = true;
    row.price_version = models.version();
    row.cost_actual = cost.actual;
    row.cost_uncached = cost.uncached;
    row.cost_client_only = cache::client_only_cost(models, row);
  }

  struct LastUse {
    config::TimePoint at;
    std::chrono::microseconds first_byte{};
    std::string version;
  };
  config::TimePoint now_;
  std::mt19937_64 random_{7};
  std::map<std::string, LastUse> last_use_;
};

/// How busy an hour is: working days, and more from week to week.
double busyness(config::TimePoint hour, int day) {
  const auto of_day = std::chrono::floor<std::chrono::days>(hour);
  const auto clock = std::chrono::floor<std::chrono::hours>(hour - of_day).count();
  const auto weekday = std::chrono::weekday(of_day).c_encoding();
  const bool weekend = weekday == 0 || weekday == 6;
  const double by_clock = clock >= 7 && clock < 18 ? 1.0 : 0.08;
  return by_clock * (weekend ? 0.12 : 1.0) * (0.4 + 0.6 * day / kDays);
}

int fill(const char* folder, std::uint64_t rows) {
  auto store = cache::Store::open(folder);
  if (!store) {
    std::fprintf(stderr, "fill_store: %s\n", store.error().message.c_str());
    return 1;
  }
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto first = std::chrono::floor<std::chrono::hours>(now) - std::chrono::days(kDays);
  constexpr int kHours = kDays * 24 + 1;
  double whole = 0;
  for (int hour = 0; hour < kHours; ++hour) {
    whole += busyness(first + std::chrono::hours(hour), hour / 24);
  }
  Filler filler(now);
  cache::LedgerWriter writer(**store, std::chrono::seconds(1), nullptr);
  std::uint64_t made = 0;
  double due = 0;
  for (int hour = 0; hour < kHours; ++hour) {
    const auto begin = first + std::chrono::hours(hour);
    due += busyness(begin, hour / 24) / whole * static_cast<double>(rows);
    const auto until = hour + 1 == kHours ? rows : static_cast<std::uint64_t>(due);
    const auto count = until > made ? until - made : 0;
    const auto length = std::min<std::chrono::milliseconds>(
        std::chrono::hours(1), std::chrono::duration_cast<std::chrono::milliseconds>(now - begin));
    config::TimePoint at = begin;
    for (std::uint64_t i = 0; i < count; ++i, ++made) {
      // Some come in crowds.
      at = i % 16 == 5 ? at + std::chrono::milliseconds(40) : begin + length * i / count;
      writer.append(filler.next(at));
    }
  }
  writer.flush();
  std::printf("%llu rows\n", static_cast<unsigned long long>(made));
  return 0;
}

}  // namespace
}  // namespace foreword::test

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: fill_store FOLDER ROWS\n");
    return 2;
  }
  return foreword::test::fill(arguments[1], std::strtoull(arguments[2], nullptr, 10));
}
