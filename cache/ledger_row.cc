#include "cache/ledger_row.h"

#include <algorithm>
#include <utility>

#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Mode;
using config::Operation;
using config::Provider;

/// Three digits: what an HTTP status line can say. Odd upstreams do answer 999.
constexpr std::uint32_t kMaxStatus = 999;

/// A text as it is stored: bounded, never cut inside a UTF-8 character.
std::string_view bounded(std::string_view text) {
  if (text.size() <= kMaxLedgerTextBytes) return text;
  std::size_t end = kMaxLedgerTextBytes;
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
  };
  while (end > kMaxLedgerTextBytes - 4 && continues(end)) --end;
  return text.substr(0, end);
}

void set(std::string* field, std::string_view text) {
  const std::string_view kept = bounded(text);
  field->assign(kept.data(), kept.size());
}

/// A clock that was set back makes a negative duration; it is worth nothing.
std::int64_t stored(std::chrono::microseconds duration) {
  return std::clamp<std::int64_t>(duration.count(), 0, kMaxMicroseconds);
}

/// REQUIRES: `first` to `last` are all the enumerators.
template <class E>
bool within(std::uint32_t number, E first, E last) {
  return number >= static_cast<std::uint32_t>(first) && number <= static_cast<std::uint32_t>(last);
}

/// What no writer can have meant; nullptr: nothing.
const char* find_problem(const records::LedgerRow& record) {
  if (record.id().size() != sizeof(RequestId::bytes)) return "its id is not 16 bytes";
  if (!is_stored_time(record.started_us())) return "its start time is impossible";
  if (!within(record.provider(), Provider::anthropic, Provider::gemini)) return "unknown provider";
  if (!within(record.operation(), Operation::other, Operation::generate_content)) {
    return "unknown operation";
  }
  if (!within(record.mode(), Mode::off, Mode::optimize)) return "unknown mode";
  if (!within(record.outcome(), Outcome::provisional, Outcome::provider_error))
    return "unknown outcome";
  if (!within(record.usage_source(), UsageSource::none, UsageSource::estimated)) {
    return "unknown usage source";
  }
  if (record.status() > kMaxStatus) return "impossible HTTP status";
  if (record.tokens_size() > static_cast<int>(config::kTokenClasses)) {
    return "unknown token class";
  }
  const auto actual = record.cost_actual_picodollars();
  const auto uncached = record.cost_uncached_picodollars();
  const auto client_only = record.cost_client_only_picodollars();
  if (actual < 0 || uncached < 0 || client_only < 0) return "negative cost";
  if (!record.priced() && (actual != 0 || uncached != 0 || client_only != 0)) {
    return "a cost without a price";
  }
  if (record.prefix_hashes_size() != record.prefix_tokens_size() ||
      record.prefix_hashes_size() > static_cast<int>(kMostRowPrefixes)) {
    return "prefixes without tokens, or too many";
  }
  if (!is_stored_time(record.first_byte_us()) || !is_stored_time(record.duration_us())) {
    return "impossible duration";
  }
  return nullptr;
}

config::Error impossible(const char* problem) {
  return config::Error{std::string("a ledger row is impossible: ") + problem};
}

bool has_negative_cost(const LedgerRow& row) {
  return row.cost_actual < 0 || row.cost_uncached < 0 || row.cost_client_only < 0;
}

void encode_money(const LedgerRow& row, records::LedgerRow& record) {
  // A cost below zero is one that overflowed: counted and shown as unpriced, never guessed.
  const bool priced = row.priced && !has_negative_cost(row);
  record.set_priced(priced);
  set(record.mutable_price_version(), row.price_version);
  if (!priced) return;
  record.set_cost_actual_picodollars(row.cost_actual);
  record.set_cost_uncached_picodollars(row.cost_uncached);
  record.set_cost_client_only_picodollars(row.cost_client_only);
}

void encode_usage(const LedgerRow& row, records::LedgerRow& record) {
  record.set_usage_source(static_cast<std::uint32_t>(row.usage_source));
  std::size_t classes = config::kTokenClasses;
  while (classes > 0 && row.tokens.by_class[classes - 1] == 0) --classes;
  for (std::size_t i = 0; i < classes; ++i) record.add_tokens(row.tokens.by_class[i]);
  record.set_kb_tokens_estimate(row.kb_tokens_estimate);
  record.set_client_markers(row.client_markers);
  set(record.mutable_service_tier(), row.terms.service_tier);
  set(record.mutable_speed(), row.terms.speed);
  set(record.mutable_inference_geo(), row.terms.inference_geo);
}

void encode_prefixes(const LedgerRow& row, records::LedgerRow& record) {
  record.set_placed_markers(row.placed_markers);
  std::uint32_t before = 0;
  for (const auto& prefix : row.prefixes) {
    record.add_prefix_hashes(prefix.hash);
    record.add_prefix_tokens(prefix.tokens - std::exchange(before, prefix.tokens));
  }
}

void decode_prefixes(const records::LedgerRow& record, LedgerRow& row) {
  row.placed_markers = record.placed_markers();
  std::uint32_t tokens = 0;
  for (int i = 0; i < record.prefix_hashes_size(); ++i) {
    tokens += record.prefix_tokens(i);
    row.prefixes.push_back({record.prefix_hashes(i), tokens});
  }
}

void decode_usage(const records::LedgerRow& record, LedgerRow& row) {
  row.usage_source = static_cast<UsageSource>(record.usage_source());
  std::copy(record.tokens().begin(), record.tokens().end(), row.tokens.by_class.begin());
  row.kb_tokens_estimate = record.kb_tokens_estimate();
  row.client_markers = record.client_markers();
  row.terms = {record.service_tier(), record.speed(), record.inference_geo()};
  row.priced = record.priced();
  row.price_version = record.price_version();
  row.cost_actual = record.cost_actual_picodollars();
  row.cost_uncached = record.cost_uncached_picodollars();
  row.cost_client_only = record.has_cost_client_only_picodollars()
                             ? record.cost_client_only_picodollars()
                             : row.cost_actual;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::provisional:
      return "provisional";
    case Outcome::complete:
      return "complete";
    case Outcome::client_gone:
      return "client_gone";
    case Outcome::upstream_cut:
      return "upstream_cut";
    case Outcome::failed:
      return "failed";
    case Outcome::provider_error:
      return "provider_error";
  }
  return "unknown";
}

std::string_view name_of(UsageSource source) {
  switch (source) {
    case UsageSource::none:
      return "none";
    case UsageSource::reported:
      return "reported";
    case UsageSource::partial:
      return "partial";
    case UsageSource::estimated:
      return "estimated";
  }
  return "unknown";
}

void make_storable(LedgerRow& row) {
  for (std::string* text :
       {&row.upstream, &row.model, &row.label, &row.kb, &row.kb_version, &row.placement,
        &row.refused, &row.error, &row.price_version, &row.alias, &row.terms.service_tier,
        &row.terms.speed, &row.terms.inference_geo}) {
    text->resize(bounded(*text).size());
  }
  if (!row.priced || has_negative_cost(row)) {
    row.priced = false;
    row.cost_actual = 0;
    row.cost_uncached = 0;
    row.cost_client_only = 0;
  }
}

config::Result<std::string> encode(const LedgerRow& row) {
  // Kept for its memory: each text in it would be an allocation. They are bounded.
  static thread_local records::LedgerRow record;
  record.Clear();
  record.set_id(row.id.bytes.data(), row.id.bytes.size());
  record.set_started_us(to_stored_time(row.started));
  record.set_provider(static_cast<std::uint32_t>(row.provider));
  record.set_operation(static_cast<std::uint32_t>(row.operation));
  record.set_mode(static_cast<std::uint32_t>(row.mode));
  set(record.mutable_upstream(), row.upstream);
  set(record.mutable_model(), row.model);
  set(record.mutable_label(), row.label);
  set(record.mutable_kb(), row.kb);
  set(record.mutable_kb_version(), row.kb_version);
  set(record.mutable_placement(), row.placement);
  set(record.mutable_refused(), row.refused);
  set(record.mutable_alias(), row.alias);
  record.set_stream(row.stream);
  record.set_status(row.status);
  record.set_outcome(static_cast<std::uint32_t>(row.outcome));
  set(record.mutable_error(), row.error);
  encode_usage(row, record);
  encode_money(row, record);
  encode_prefixes(row, record);
  record.set_request_bytes(row.request_bytes);
  record.set_inserted_bytes(row.inserted_bytes);
  record.set_first_byte_us(stored(row.first_byte));
  record.set_duration_us(stored(row.duration));
  if (const char* problem = find_problem(record)) return impossible(problem);
  return {boost::system::in_place_value, record.SerializeAsString()};
}

config::Result<LedgerRow> decode_ledger_row(std::string_view value) {
  records::LedgerRow record;
  if (!parse(value, record)) return config::Error{"a ledger row is cut or damaged"};
  if (const char* problem = find_problem(record)) return impossible(problem);
  LedgerRow row;
  std::copy(record.id().begin(), record.id().end(), row.id.bytes.begin());
  row.started = from_stored_time(record.started_us());
  row.provider = static_cast<Provider>(record.provider());
  row.operation = static_cast<Operation>(record.operation());
  row.mode = static_cast<Mode>(record.mode());
  row.upstream = std::move(*record.mutable_upstream());
  row.model = std::move(*record.mutable_model());
  row.label = std::move(*record.mutable_label());
  row.kb = std::move(*record.mutable_kb());
  row.kb_version = std::move(*record.mutable_kb_version());
  row.placement = std::move(*record.mutable_placement());
  row.refused = std::move(*record.mutable_refused());
  row.alias = std::move(*record.mutable_alias());
  row.stream = record.stream();
  row.status = static_cast<std::uint16_t>(record.status());
  row.outcome = static_cast<Outcome>(record.outcome());
  row.error = std::move(*record.mutable_error());
  decode_usage(record, row);
  decode_prefixes(record, row);
  row.request_bytes = record.request_bytes();
  row.inserted_bytes = record.inserted_bytes();
  row.first_byte = std::chrono::microseconds(record.first_byte_us());
  row.duration = std::chrono::microseconds(record.duration_us());
  return row;
}

}  // namespace foreword::cache
