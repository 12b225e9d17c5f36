#include "cache/finetune_scenario.h"

#include <random>

#include <gtest/gtest.h>

#include "config/price_text.h"

namespace foreword::cache {
namespace {

using config::Estimate;
using config::kOne;
using config::Millionths;
using config::PicodollarTotal;
using config::Range;
using Settings = config::FinetuneSettings;

constexpr PicodollarTotal kDollar = config::kPicodollarsPerDollar;

Range all(Millionths number) {
  return {{number, number, number}};
}

/// Nothing costs anything, and one machine does 1,000 tokens a second, read and generated alike.
Settings nothing() {
  Settings settings;
  for (const auto& assumption : config::finetune_assumptions()) {
    settings.*assumption.member = all(0);
  }
  settings.gpu_output_tokens_per_second = all(1'000 * kOne);
  settings.gpu_prompt_tokens_per_second = all(1'000 * kOne);
  return settings;
}

FinetuneBill bill(const Settings& settings, FinetuneKind kind, const MonthlyTraffic& traffic = {}) {
  return FinetuneCase(settings, {}, Estimate::typical).bill(kind, traffic);
}

std::optional<std::uint64_t> break_even(const Settings& settings, FinetuneKind kind,
                                        const MonthlyTraffic& traffic) {
  return FinetuneCase(settings, {}, Estimate::typical).break_even_output_tokens(kind, traffic);
}

void expect_usd(PicodollarTotal amount, std::string_view usd) {
  EXPECT_EQ(config::to_usd(amount), usd);
}

TEST(SelfHosted, costs_the_rent_and_what_bills_have_on_top) {
  auto settings = nothing();
  settings.gpu_usd_per_hour = all(2 * kOne);
  settings.gpu_hours_per_month = all(730 * kOne);
  settings.gpu_overhead_percent = all(50 * kOne);
  // 2 x 730 = 1,460, and half of that again.
  expect_usd(bill(settings, FinetuneKind::self_hosted).total(), "2190");
}

TEST(SelfHosted, has_the_machines_that_the_busiest_hour_needs) {
  auto settings = nothing();
  settings.gpu_usd_per_hour = all(kOne);
  settings.gpu_hours_per_month = all(100 * kOne);
  settings.gpu_prompt_tokens_per_second = all(10'000 * kOne);
  MonthlyTraffic traffic;
  // 7.2M generated in an hour are 2,000 a second, 2 machines; 18M read are 5,000 a second, half
  // of one: 3 machines.
  traffic.busiest_hour = {18'000'000, 7'200'000};
  EXPECT_EQ(bill(settings, FinetuneKind::self_hosted, traffic).machines, 3u);
  expect_usd(bill(settings, FinetuneKind::self_hosted, traffic).serving, "300");
  settings.spare_gpus = all(kOne);
  EXPECT_EQ(bill(settings, FinetuneKind::self_hosted, traffic).machines, 4u);
  expect_usd(bill(settings, FinetuneKind::self_hosted, traffic).serving, "400");
}

TEST(SelfHosted, has_one_machine_more_from_the_first_token_that_does_not_fit) {
  MonthlyTraffic traffic;
  traffic.busiest_hour.output = 3'600'000;  // 1,000 a second
  EXPECT_EQ(bill(nothing(), FinetuneKind::self_hosted, traffic).machines, 1u);
  traffic.busiest_hour.output += 1;
  EXPECT_EQ(bill(nothing(), FinetuneKind::self_hosted, traffic).machines, 2u);
}

TEST(SelfHosted, pays_for_training_by_tokens_epochs_and_how_often) {
  auto settings = nothing();
  settings.training_set_mtok = all(5 * kOne);
  settings.epochs = all(3 * kOne);
  settings.training_usd_per_mtok = all(kOne / 2);
  settings.trainings_per_year = all(4 * kOne);
  // 5M x 3 at 0.50 a million are 7.50, four times a year: 30 in 12 months.
  expect_usd(bill(settings, FinetuneKind::self_hosted).training, "2.5");
}

TEST(SelfHosted, pays_people_for_operation_training_and_on_call) {
  auto settings = nothing();
  settings.engineer_usd_per_hour = all(100 * kOne);
  settings.operation_hours_per_month = all(8 * kOne);
  settings.hours_per_training = all(12 * kOne);
  settings.trainings_per_year = all(4 * kOne);
  settings.on_call_usd_per_month = all(500 * kOne);
  // 8 hours and 12 x 4 / 12 = 4 hours at 100, and 500.
  expect_usd(bill(settings, FinetuneKind::self_hosted).people, "1700");
}

TEST(SelfHosted, pays_for_storage_and_observability) {
  auto settings = nothing();
  settings.storage_usd_per_month = all(5 * kOne);
  settings.observability_usd_per_month = all(50 * kOne);
  expect_usd(bill(settings, FinetuneKind::self_hosted).tools, "55");
}

TEST(Managed, costs_its_tokens_some_of_them_cached) {
  auto settings = nothing();
  settings.managed_input_usd_per_mtok = all(800'000);
  settings.managed_cached_usd_per_mtok = all(200'000);
  settings.managed_output_usd_per_mtok = all(3'200'000);
  settings.managed_cached_percent = all(20 * kOne);
  MonthlyTraffic traffic;
  traffic.tokens = {10'000'000, 2'000'000};
  // 8M at 0.80, 2M at 0.20, and 2M generated at 3.20: 6.40 + 0.40 + 6.40.
  expect_usd(bill(settings, FinetuneKind::managed, traffic).serving, "13.2");
  EXPECT_EQ(bill(settings, FinetuneKind::managed, traffic).machines, 0u);
}

TEST(Managed, trains_at_its_own_price) {
  auto settings = nothing();
  settings.training_set_mtok = all(2 * kOne);
  settings.epochs = all(kOne);
  settings.trainings_per_year = all(12 * kOne);
  settings.training_usd_per_mtok = all(kOne);
  settings.managed_training_usd_per_mtok = all(25 * kOne);
  expect_usd(bill(settings, FinetuneKind::self_hosted).training, "2");
  expect_usd(bill(settings, FinetuneKind::managed).training, "50");
  expect_usd(bill(settings, FinetuneKind::dedicated).training, "50");
}

TEST(Dedicated, costs_its_hours_however_little_is_asked) {
  auto settings = nothing();
  settings.dedicated_usd_per_hour = all(7 * kOne);
  settings.dedicated_hours_per_month = all(730 * kOne);
  expect_usd(bill(settings, FinetuneKind::dedicated).total(), "5110");
}

TEST(Trainings, are_as_the_model_table_says_unless_the_settings_do) {
  auto settings = nothing();
  settings.training_set_mtok = settings.epochs = settings.training_usd_per_mtok = all(kOne);
  const FinetuneCase by_table(settings, all(12 * kOne), Estimate::low);
  expect_usd(by_table.bill(FinetuneKind::self_hosted, {}).training, "1");
  settings.trainings_per_year = all(24 * kOne);
  const FinetuneCase by_settings(settings, all(12 * kOne), Estimate::low);
  expect_usd(by_settings.bill(FinetuneKind::self_hosted, {}).training, "2");
}

// --- break-even ---------------------------------------------------------------------------------

/// A million tokens generated for `usd`; the busiest hour takes half a machine.
MonthlyTraffic half_a_machine(std::int64_t usd) {
  MonthlyTraffic traffic;
  traffic.tokens.output = 1'000'000;
  traffic.busiest_hour.output = 1'800'000;
  traffic.actual = usd * kDollar;
  return traffic;
}

/// A machine at 400 a month, and tools at `fixed`.
Settings four_hundred_and(std::int64_t fixed) {
  auto settings = nothing();
  settings.gpu_usd_per_hour = all(kOne);
  settings.gpu_hours_per_month = all(400 * kOne);
  settings.storage_usd_per_month = all(fixed * kOne);
  return settings;
}

TEST(BreakEven, is_the_bill_by_the_cost_of_a_token_while_one_machine_is_enough) {
  // 100 + 400 = 500 at 300 a million tokens; 1.67 times the traffic is 0.83 of a machine.
  EXPECT_EQ(break_even(four_hundred_and(100), FinetuneKind::self_hosted, half_a_machine(300)),
            1'666'667u);
}

TEST(BreakEven, counts_the_machines_that_it_takes_to_get_there) {
  // One machine: 800 / 300 = 2.67 times the traffic, 1.33 machines: too many. Two: 1,200 / 300 = 4
  // times, 2 machines.
  EXPECT_EQ(break_even(four_hundred_and(400), FinetuneKind::self_hosted, half_a_machine(300)),
            4'000'000u);
}

TEST(BreakEven, never_comes_where_machines_cost_more_than_the_tokens_they_save) {
  // A full machine is 400, and saves 2 x 200.
  EXPECT_FALSE(break_even(four_hundred_and(1), FinetuneKind::self_hosted, half_a_machine(200)));
  EXPECT_TRUE(break_even(four_hundred_and(1), FinetuneKind::self_hosted, half_a_machine(201)));
}

TEST(BreakEven, of_managed_tokens_is_fixed_costs_by_the_margin) {
  auto settings = nothing();
  settings.managed_output_usd_per_mtok = all(4 * kOne);
  settings.observability_usd_per_month = all(30 * kOne);
  // 30 a month, and 10 - 4 saved on each million.
  EXPECT_EQ(break_even(settings, FinetuneKind::managed, half_a_machine(10)), 5'000'000u);
  EXPECT_FALSE(break_even(settings, FinetuneKind::managed, half_a_machine(4)));
}

TEST(BreakEven, needs_output_and_a_bill) {
  EXPECT_FALSE(break_even(four_hundred_and(1), FinetuneKind::self_hosted, {}));
  auto no_output = half_a_machine(300);
  no_output.tokens.output = 0;
  EXPECT_FALSE(break_even(four_hundred_and(1), FinetuneKind::self_hosted, no_output));
}

TEST(BreakEven, of_absurd_figures_is_absurd_and_no_overflow) {
  Settings settings;
  for (const auto& assumption : config::finetune_assumptions()) {
    settings.*assumption.member = all(assumption.most);
  }
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const MonthlyTraffic traffic{{kMost, kMost}, {kMost, kMost}, PicodollarTotal{1} << 100};
  for (const auto kind : kFinetuneKinds) {
    EXPECT_GT(bill(settings, kind, traffic).total(), 0);
    static_cast<void>(break_even(settings, kind, traffic));
  }
}

// --- properties ---------------------------------------------------------------------------------

class Random {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  Settings settings() {
    Settings settings;
    for (const auto& assumption : config::finetune_assumptions()) {
      const auto typical = (settings.*assumption.member)[Estimate::high] + kOne;
      const auto most = std::min(assumption.most, 3 * typical);
      const auto room = static_cast<std::uint64_t>(most - assumption.least + 1);
      settings.*assumption.member = all(assumption.least + static_cast<Millionths>(below(room)));
    }
    return settings;
  }
  MonthlyTraffic traffic() {
    MonthlyTraffic traffic;
    traffic.tokens = {below(5'000'000'000), below(1'000'000'000) + 1};
    traffic.busiest_hour = {traffic.tokens.prompt / (1 + below(730)),
                            traffic.tokens.output / (1 + below(730))};
    traffic.actual = PicodollarTotal{below(100'000)} * kDollar;
    return traffic;
  }

 private:
  std::mt19937_64 random_;
};

TEST(FinetuneProperty, a_dearer_assumption_never_makes_a_fine_tune_cheaper) {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const auto traffic = random.traffic();
    const auto cheap = random.settings();
    for (const auto& assumption : config::finetune_assumptions()) {
      // A cached token costs no more than another: else more of them make it dearer.
      if (cheap.managed_cached_usd_per_mtok[Estimate::low] >
          cheap.managed_input_usd_per_mtok[Estimate::low]) {
        continue;
      }
      auto dear = cheap;
      auto& number = (dear.*assumption.member).by_estimate[1];
      number = assumption.more_is_cheaper ? std::max(assumption.least, number / 2)
                                          : std::min(assumption.most, number * 2);
      for (const auto kind : kFinetuneKinds) {
        ASSERT_GE(bill(dear, kind, traffic).total(), bill(cheap, kind, traffic).total())
            << assumption.key;
        const auto then = break_even(dear, kind, traffic);
        const auto now = break_even(cheap, kind, traffic);
        ASSERT_TRUE(!then || (now && *now <= *then)) << assumption.key;
      }
    }
  }
}

TEST(FinetuneProperty, more_traffic_never_makes_a_fine_tune_cheaper) {
  Random random(2);
  for (int round = 0; round < 1'000; ++round) {
    const auto settings = random.settings();
    const auto less = random.traffic();
    auto more = less;
    more.tokens.prompt += random.below(1'000'000'000);
    more.tokens.output += random.below(1'000'000'000);
    more.busiest_hour.prompt += random.below(100'000'000);
    more.busiest_hour.output += random.below(100'000'000);
    for (const auto kind : kFinetuneKinds) {
      ASSERT_GE(bill(settings, kind, more).total(), bill(settings, kind, less).total());
    }
  }
}

TEST(FinetuneProperty, traffic_that_a_fine_tune_serves_for_less_is_past_the_break_even) {
  Random random(3);
  int cheaper = 0;
  for (int round = 0; round < 3'000; ++round) {
    const auto settings = random.settings();
    const auto traffic = random.traffic();
    for (const auto kind : kFinetuneKinds) {
      if (bill(settings, kind, traffic).total() > traffic.actual) continue;
      ++cheaper;
      const auto at = break_even(settings, kind, traffic);
      ASSERT_TRUE(at);
      ASSERT_LE(*at, traffic.tokens.output);
    }
  }
  EXPECT_GT(cheaper, 100);
}

// --- how often bases are replaced ---------------------------------------------------------------

TEST(BaseReplacements, are_counted_from_the_model_table) {
  const auto now = config::parse_date("2026-11-26").value();
  const auto& models = config::ModelTable::built_in();
  const auto sonnet =
      base_replacements(models, config::Provider::anthropic, "claude-sonnet-5-5", now);
  // gpt-4.1 lives longest, from 2025-04-14 to 2027-01-14: 640 days, 0.570312 times a year.
  EXPECT_EQ(sonnet[Estimate::low], 570'312);
  // Sonnet 4.6, 5 and 5.5.
  EXPECT_EQ(sonnet[Estimate::typical], 3 * kOne);
  // 13 launches since November 2025; Opus 4.5 is older than a year by two days.
  EXPECT_EQ(sonnet[Estimate::high], 12 * kOne);
}

TEST(BaseReplacements, of_models_whose_days_are_not_known_are_once_per_life) {
  const auto now = config::parse_date("2026-11-26").value();
  const auto gemini = base_replacements(config::ModelTable::built_in(), config::Provider::gemini,
                                        "gemini-3.8-flash", now);
  EXPECT_EQ(gemini, all(570'312));
}

}  // namespace
}  // namespace foreword::cache
