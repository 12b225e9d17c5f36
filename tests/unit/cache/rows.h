// Ledger rows for tests, and what it means that two are the same.
#pragma once

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

#include "cache/ledger_row.h"

namespace foreword::cache::test {

/// 2026-11-23T00:00:00Z and so many milliseconds.
inline config::TimePoint at_ms(std::int64_t milliseconds) {
  return config::TimePoint(std::chrono::seconds(1'795'392'000)) +
         std::chrono::milliseconds(milliseconds);
}

/// The least that a row must say. `number` tells rows of one millisecond apart.
inline LedgerRow smallest_row(std::int64_t milliseconds = 0, std::uint64_t number = 0) {
  LedgerRow row;
  row.started = at_ms(milliseconds);
  row.id = make_request_id(row.started, 0, number);
  row.provider = config::Provider::anthropic;
  return row;
}

/// Every field differs from its default and from its neighbours.
inline LedgerRow full_row() {
  LedgerRow row;
  row.started = at_ms(1234) + std::chrono::microseconds(567);
  row.id = make_request_id(row.started, 0xbeef, 0x0123'4567'89ab'cdef);
  row.provider = config::Provider::gemini;
  row.operation = config::Operation::generate_content;
  row.mode = config::Mode::optimize;
  row.upstream = "gemini-eu";
  row.model = "gemini-3-pro";
  row.label = "team\xff support";  // headers need not be UTF-8
  row.kb = "handbook";
  row.kb_version = "00112233445566778899aabbccddeeff";
  row.placement = "inserted";
  row.refused = "prompt_cache_key";
  row.alias = "support-model";
  row.stream = true;
  row.status = 599;
  row.outcome = Outcome::failed;
  row.error = "upstream_unreachable";
  row.usage_source = UsageSource::estimated;
  for (std::size_t i = 0; i < config::kTokenClasses; ++i) row.tokens.by_class[i] = 1000 + i;
  row.terms = {"priority", "fast", "us"};
  row.priced = true;
  row.price_version = "2026-11-10";
  row.cost_actual = 123'456'789'012;
  row.cost_uncached = 987'654'321'098;
  row.cost_client_only = 555'444'333'222;
  row.client_markers = 3;
  row.kb_tokens_estimate = 200'000;
  row.request_bytes = 4321;
  row.inserted_bytes = 800'000;
  row.first_byte = std::chrono::microseconds(456'789);
  row.duration = std::chrono::microseconds(12'345'678);
  row.placed_markers = 2;
  row.prefixes = {{0xffffffff, 1200}, {1, 1200}, {7, 4'000'000'000}};
  return row;
}

inline void expect_same(const LedgerRow& got, const LedgerRow& expected) {
  EXPECT_EQ(to_text(got.id), to_text(expected.id));
  EXPECT_EQ(got.started, expected.started);
  EXPECT_EQ(got.provider, expected.provider);
  EXPECT_EQ(got.operation, expected.operation);
  EXPECT_EQ(got.mode, expected.mode);
  EXPECT_EQ(got.upstream, expected.upstream);
  EXPECT_EQ(got.model, expected.model);
  EXPECT_EQ(got.label, expected.label);
  EXPECT_EQ(got.kb, expected.kb);
  EXPECT_EQ(got.kb_version, expected.kb_version);
  EXPECT_EQ(got.placement, expected.placement);
  EXPECT_EQ(got.refused, expected.refused);
  EXPECT_EQ(got.alias, expected.alias);
  EXPECT_EQ(got.stream, expected.stream);
  EXPECT_EQ(got.status, expected.status);
  EXPECT_EQ(got.outcome, expected.outcome);
  EXPECT_EQ(got.error, expected.error);
  EXPECT_EQ(got.usage_source, expected.usage_source);
  EXPECT_EQ(got.tokens, expected.tokens);
  EXPECT_EQ(got.terms.service_tier, expected.terms.service_tier);
  EXPECT_EQ(got.terms.speed, expected.terms.speed);
  EXPECT_EQ(got.terms.inference_geo, expected.terms.inference_geo);
  EXPECT_EQ(got.priced, expected.priced);
  EXPECT_EQ(got.price_version, expected.price_version);
  EXPECT_EQ(got.cost_actual, expected.cost_actual);
  EXPECT_EQ(got.cost_uncached, expected.cost_uncached);
  EXPECT_EQ(got.cost_client_only, expected.cost_client_only);
  EXPECT_EQ(got.client_markers, expected.client_markers);
  EXPECT_EQ(got.kb_tokens_estimate, expected.kb_tokens_estimate);
  EXPECT_EQ(got.request_bytes, expected.request_bytes);
  EXPECT_EQ(got.inserted_bytes, expected.inserted_bytes);
  EXPECT_EQ(got.first_byte, expected.first_byte);
  EXPECT_EQ(got.duration, expected.duration);
  EXPECT_EQ(got.placed_markers, expected.placed_markers);
  EXPECT_EQ(got.prefixes, expected.prefixes);
}

}  // namespace foreword::cache::test
