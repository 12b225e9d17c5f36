// Turns what is known of an exchange into its ledger row: the one place where usage meets prices.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "assembler/outline.h"
#include "cache/ledger_row.h"
#include "proxy/answer_meter.h"
#include "proxy/exchange.h"

namespace foreword::proxy {

/// What the prompt's side knows.
struct PromptFacts {
  std::string model;                           // as requested, an alias resolved
  const config::Model* known_model = nullptr;  // the table's entry for it; nullptr: none
  std::string alias;                           // what it was requested by; empty: by its own name
  bool stream = false;
  std::string_view placement;             // a constant's name
  std::string_view refused;               // likewise: why it was sent again; empty: it was not
  std::shared_ptr<const AttachedKbs> kb;  // nullptr: none went in
  std::uint32_t client_markers = 0;       // the client's own
  std::uint32_t placed_markers = 0;       // ours on the client's own segments
  std::vector<cache::RowPrefix> prefixes;
  std::uint64_t request_bytes = 0;
  std::uint64_t inserted_bytes = 0;
};

/// How it ended; `provisional` while it has not.
struct Ending {
  cache::Outcome outcome = cache::Outcome::provisional;
  std::string_view error;
  unsigned status = 0;
};

/// The places where the client asks for a cache write itself.
[[nodiscard]] std::uint32_t client_markers(const assembler::Outline& outline);

/// The table's ratio for the requested model, or the provider's.
[[nodiscard]] double bytes_per_token(const Exchange& exchange, const PromptFacts& facts);
/// The tokens of what is attached, for that model.
[[nodiscard]] TokenEstimate kb_tokens(const Exchange& exchange, const PromptFacts& facts,
                                      const AttachedKbs& kb);

/// "eu" of eu.api.openai.com, else empty: OpenAI processes in a region, and charges for it, by the
/// address that was called; its answers do not say so. developers.openai.com pricing (2026-11).
[[nodiscard]] std::string_view region_of(const config::UpstreamSettings& upstream);

/// Fills in model, price version and costs from tokens and terms. `usage` is nullptr where there is
/// none. A model that has no price when the request began leaves the row unpriced.
void price_row(const config::ModelTable& models, const assembler::UsageMeter* usage,
               cache::LedgerRow& row);

/// The same for a row that was stored without a price. What Foreword sent on its own behalf (labels
/// "foreword/...") would not have been sent without caching: uncached it still costs nothing.
void price_stored_row(const config::ModelTable& models, cache::LedgerRow& row);

/// `meter` is nullptr when there was no answer. Where the provider reported no usage although it
/// answered with success, counts are estimated from bytes and the row says so.
[[nodiscard]] cache::LedgerRow make_row(const Exchange& exchange, const PromptFacts& facts,
                                        const AnswerMeter* meter, const Ending& ending);

}  // namespace foreword::proxy
