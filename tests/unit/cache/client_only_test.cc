#include "cache/client_only.h"

#include <gtest/gtest.h>

#include "unit/cache/rows.h"

namespace foreword::cache::test {
namespace {

using config::TokenClass;

// claude-sonnet-5-5, picodollars a token.
constexpr config::Picodollars kInput = 2'000'000;
constexpr config::Picodollars kRead = 100'000;
constexpr config::Picodollars kWrite = 2'500'000;

/// 100 tokens of a question, and a knowledge base of 1,000 that Foreword marked.
LedgerRow with_kb(TokenClass token_class, std::uint64_t tokens = 1'000) {
  LedgerRow row = smallest_row();
  row.model = "claude-sonnet-5-5";
  row.kb = "handbook";
  row.placement = "inserted";
  row.kb_tokens_estimate = 1'000;
  row.tokens[TokenClass::input] = 100;
  row.tokens[token_class] += tokens;
  row.priced = true;
  const auto& models = config::ModelTable::built_in();
  row.cost_actual =
      models.cost(*models.find(row.provider, row.model), row.tokens, {}, row.started).actual;
  return row;
}

config::Picodollars client_only(const LedgerRow& row) {
  return client_only_cost(config::ModelTable::built_in(), row);
}

TEST(ClientOnly, AKnowledgeBaseThatOnlyForewordMarkedWouldHaveBeenPlain) {
  EXPECT_EQ(client_only(with_kb(TokenClass::cache_read)), 1'100 * kInput);
  EXPECT_EQ(client_only(with_kb(TokenClass::cache_write_5m)), 1'100 * kInput);
}

TEST(ClientOnly, WhatWasReadBehindTheKnowledgeBaseStaysRead) {
  EXPECT_EQ(client_only(with_kb(TokenClass::cache_read, 1'500)), 1'100 * kInput + 500 * kRead);
}

TEST(ClientOnly, AConversationThatWasWrittenBehindItStaysWritten) {
  auto row = with_kb(TokenClass::cache_read);
  row.tokens[TokenClass::cache_write_5m] = 40;
  EXPECT_EQ(client_only(row), 1'100 * kInput + 40 * kWrite);
}

TEST(ClientOnly, WhereForewordMarkedTheClientsSegmentsAllOfItWouldHaveBeenPlain) {
  auto row = with_kb(TokenClass::cache_read, 1'500);
  row.placed_markers = 1;
  EXPECT_EQ(client_only(row), 1'600 * kInput);
  row.placement = "none";
  EXPECT_EQ(client_only(row), 1'600 * kInput);
}

TEST(ClientOnly, AMarkerOfTheClientsWouldHaveCoveredItToo) {
  auto row = with_kb(TokenClass::cache_read);
  row.client_markers = 1;
  EXPECT_EQ(client_only(row), row.cost_actual);
}

TEST(ClientOnly, WhereTheProviderCachesByItselfForewordClaimsNothing) {
  auto row = with_kb(TokenClass::cache_read);
  row.placement = "inserted_unmarked";
  EXPECT_EQ(client_only(row), row.cost_actual);
}

TEST(ClientOnly, WithoutAKnowledgeBaseItIsWhatWasPaid) {
  auto row = with_kb(TokenClass::cache_read);
  row.kb.clear();
  row.placement = "none";
  EXPECT_EQ(client_only(row), row.cost_actual);
}

TEST(ClientOnly, ForewordsOwnRequestsWouldNotHaveBeen) {
  auto row = with_kb(TokenClass::cache_write_5m);
  row.label = "foreword/pre-warm";
  EXPECT_EQ(client_only(row), 0);
}

}  // namespace
}  // namespace foreword::cache::test
