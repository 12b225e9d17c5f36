// Where usage meets prices, for rows that have neither socket nor upstream.
#include "proxy/row.h"

#include <gtest/gtest.h>

namespace foreword::proxy {
namespace {

using config::Provider;

const config::TimePoint kDay = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);

std::string_view region(Provider provider, std::string host) {
  static config::UpstreamSettings upstream;
  upstream.provider = provider;
  upstream.base_url.host = std::move(host);
  return region_of(upstream);
}

TEST(Region, IsWhatOpenAisRegionalAddressesBeginWith) {
  EXPECT_EQ(region(Provider::openai, "eu.api.openai.com"), "eu");
  EXPECT_EQ(region(Provider::openai, "us.api.openai.com"), "us");
}

TEST(Region, IsNoneOfAnyOtherAddress) {
  EXPECT_EQ(region(Provider::openai, "api.openai.com"), "");
  EXPECT_EQ(region(Provider::openai, "eu.api.openai.com.example.org"), "");
  EXPECT_EQ(region(Provider::anthropic, "eu.api.openai.com"), "");
}

cache::LedgerRow row_of(std::string model) {
  cache::LedgerRow row;
  row.provider = Provider::openai;
  row.model = std::move(model);
  row.started = kDay;
  row.tokens[config::TokenClass::input] = 10;
  return row;
}

// gpt-6.2-sol: 10 x 2,000,000, and a tenth more in a region.
TEST(PricedRow, IsDearerInARegion) {
  auto row = row_of("gpt-6.2-sol");
  row.terms.inference_geo = "eu";
  price_row(config::ModelTable::built_in(), nullptr, row);
  EXPECT_EQ(row.cost_actual, 22'000'000);
}

TEST(PricedRow, ThatWasStoredWithoutAPriceGetsBothOfItsCosts) {
  auto row = row_of("gpt-6.2-sol");
  price_stored_row(config::ModelTable::built_in(), row);
  EXPECT_EQ(row.cost_actual, 20'000'000);
  EXPECT_EQ(row.cost_uncached, 20'000'000);
}

TEST(PricedRow, OfForewordsOwnRequestSavesNothing) {
  auto row = row_of("gpt-6.2-sol");
  row.label = "foreword/pre-warm";
  price_stored_row(config::ModelTable::built_in(), row);
  EXPECT_EQ(row.cost_actual, 20'000'000);
  EXPECT_EQ(row.cost_uncached, 0);
}

TEST(PricedRow, OfAnUnknownModelHasNoPrice) {
  auto row = row_of("gpt-99");
  price_row(config::ModelTable::built_in(), nullptr, row);
  EXPECT_FALSE(row.priced);
  EXPECT_EQ(row.cost_actual, 0);
}

}  // namespace
}  // namespace foreword::proxy
