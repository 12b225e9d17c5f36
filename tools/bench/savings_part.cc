// How long /api/savings takes over a year of requests, and what writing such a year costs.

#include <chrono>
#include <ctime>
#include <stdexcept>

#include <fmt/format.h>

#include "cache/ledger.h"
#include "proxy/admin_api.h"
#include "proxy/knowledge_bases.h"
#include "tools/bench/interrupt.h"
#include "tools/bench/names.h"
#include "tools/bench/session.h"

namespace foreword::bench {
namespace {

using namespace std::chrono_literals;

/// 2026-01-01T00:00:00Z.
constexpr auto kBegin = config::TimePoint(1'767'225'600s);
constexpr auto kYear = std::chrono::milliseconds(365 * 24h);
constexpr std::size_t kModels = 8;
constexpr std::size_t kKbs = 5;
constexpr std::size_t kLabels = 50;
constexpr std::size_t kAnswers = 7;

double process_cpu_us() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// The same for the same number; rows are evenly spread over the year.
cache::LedgerRow row_of_year(std::size_t number, std::size_t rows) {
  const auto spread = number * 0x9e37'79b9'7f4a'7c15U >> 32;
  cache::LedgerRow row;
  row.started =
      kBegin + kYear / static_cast<std::int64_t>(rows) * static_cast<std::int64_t>(number);
  row.id = cache::make_request_id(row.started, static_cast<std::uint16_t>(spread), number);
  row.provider = config::Provider::anthropic;
  row.operation = config::Operation::messages;
  row.upstream = "anthropic";
  row.model = fmt::format("claude-model-{}", spread % kModels);
  row.label = fmt::format("team-{}", spread / 8 % kLabels);
  row.kb = fmt::format("handbook-{}", spread / 1'024 % kKbs);
  row.placement = "inserted";
  row.status = 200;
  row.outcome = cache::Outcome::complete;
  row.usage_source = cache::UsageSource::reported;
  row.tokens[config::TokenClass::input] = 25 + number % 100;
  row.tokens[config::TokenClass::cache_read] = 172'001;
  row.tokens[config::TokenClass::output] = 27;
  row.priced = true;
  row.price_version = "2026-10-08";
  row.cost_actual = static_cast<config::Picodollars>(34'400'200'000 + number);
  row.cost_uncached = static_cast<config::Picodollars>(344'002'000'000 + number);
  return row;
}

/// In microseconds for a row, the generator's own among them.
double write_year(cache::LedgerWriter& ledger, std::size_t rows) {
  const auto before = process_cpu_us();
  for (std::size_t i = 0; i < rows; ++i) {
    if (i % 1'024 == 0) check_interrupt();
    ledger.append(row_of_year(i, rows));
  }
  ledger.flush();
  return (process_cpu_us() - before) / static_cast<double>(rows);
}

/// The API over a store, in this process.
struct Api {
  config::Settings settings;
  proxy::Counters counters;
  config::LiveModels models{config::ModelTable::built_in()};
  std::unique_ptr<proxy::KnowledgeBases> knowledge;
  cache::LedgerWriter ledger;
  std::unique_ptr<proxy::Services> services;
  std::unique_ptr<proxy::AdminApi> api;

  explicit Api(cache::Store& store) : ledger(store, 1h, nullptr) {
    auto opened = proxy::KnowledgeBases::open(store);
    if (!opened) throw std::runtime_error(opened.error().message);
    knowledge = std::move(*opened);
    services.reset(new proxy::Services{settings, models, *knowledge, ledger, counters,
                                       [] { return std::chrono::system_clock::now(); }});
    api = std::make_unique<proxy::AdminApi>(*services, store, "");
  }
  double milliseconds_of(const std::string& target) {
    proxy::AdminRequest request;
    request.method = "GET";
    request.target = target;
    request.host = "localhost";
    const auto began = std::chrono::steady_clock::now();
    const auto answer = api->answer(std::move(request));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    if (answer.status != 200) throw std::runtime_error(answer.body);
    return took.count();
  }
};

}  // namespace

void measure_savings(Session& session) {
  say("savings");
  auto store = cache::Store::open(session.site.folder / "savings");
  if (!store) throw std::runtime_error(store.error().message);
  Api api(**store);
  session.results.add({measures::kLedgerWrite, candidates::kForeword, "a year"},
                      write_year(api.ledger, session.plan.savings_rows));
  session.results.add({measures::kSavingsRows, candidates::kForeword, "a year"},
                      static_cast<double>(session.plan.savings_rows));
  // Neither end on the hour: the most that a year can ask for.
  const std::string year = "/api/savings?from=2026-01-01T00:30:00Z&to=2026-12-31T23:30:00Z";
  for (std::size_t i = 0; i < kAnswers; ++i) {
    session.results.add({measures::kSavings, candidates::kForeword, points::kYear},
                        api.milliseconds_of(year + "&by=model"));
    session.results.add({measures::kSavings, candidates::kForeword, points::kYearByLabel},
                        api.milliseconds_of(year + "&by=label"));
  }
}

}  // namespace foreword::bench
