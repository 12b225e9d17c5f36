// One request's line in the ledger, and the value under which it is stored.
//
// Plain values; functions are pure and thread-safe. Times keep microseconds, money is picodollars,
// sizes are bytes. What cannot be read is an Error, never a crash.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/request_id.h"
#include "config/models.h"
#include "config/money.h"
#include "config/provider.h"
#include "config/result.h"
#include "config/tokens.h"

namespace foreword::cache {

/// How the labels of Foreword's own requests begin: without caching nobody would have sent them. No
/// client may use one.
inline constexpr std::string_view kOwnLabels = "foreword/";

/// How a request ended. Stored: never renumber.
enum class Outcome : std::uint8_t {
  provisional = 0,     // still running, or the process was killed
  complete = 1,        // the answer reached its end
  client_gone = 2,     // the client left first
  upstream_cut = 3,    // the upstream died or stalled in the middle of its answer
  failed = 4,          // no answer: refused by Foreword, or the upstream was not reached
  provider_error = 5,  // the answer was a stream, and the provider ended it with an error event
};

/// Where the token counts come from. Stored: never renumber.
enum class UsageSource : std::uint8_t {
  none = 0,       // nothing to report: the provider answered with an error
  reported = 1,   // the provider's final numbers
  partial = 2,    // the provider's last numbers of a cut answer: its output may be short
  estimated = 3,  // no number reached us: from bytes
};

[[nodiscard]] std::string_view name_of(Outcome outcome);
[[nodiscard]] std::string_view name_of(UsageSource source);

/// A prefix of the prompt, to replay it (`foreword replay --ledger`).
struct RowPrefix {
  /// Part of a hash: enough to tell the prompts of one ledger apart, too little to guess a text by.
  std::uint32_t hash = 0;
  std::uint32_t tokens = 0;  // of all of it, estimated
  bool operator==(const RowPrefix&) const = default;
};
/// Of a longer prompt every second, fourth, ... one is kept.
inline constexpr std::size_t kMostRowPrefixes = 128;

struct LedgerRow {
  RequestId id;
  config::TimePoint started;
  config::Provider provider{};
  config::Operation operation{};
  config::Mode mode{};
  std::string upstream;    // its name in the settings
  std::string model;       // as priced: the response's if it names one, else the request's
  std::string alias;       // the name that the request used for its model; empty: its own
  std::string label;       // X-Foreword-Label, or begins with kOwnLabels
  std::string kb;          // name; empty: none attached
  std::string kb_version;  // content id in hexadecimal; empty: none
  std::string placement;   // what the planner did with the KB, or why the body was not understood
  /// What of Foreword's the upstream refused (assembler::name_of(Addition)), so that the prompt was
  /// sent once more, without; empty: nothing.
  std::string refused;
  bool stream = false;
  std::uint16_t status = 0;  // HTTP status that the client saw; 0: none was sent
  Outcome outcome = Outcome::provisional;
  std::string error;  // code of an error of Foreword's own, as in X-Foreword-Error; or empty
  UsageSource usage_source = UsageSource::none;
  config::TokenCounts tokens;
  config::ServiceTerms terms;
  bool priced = false;  // false: the model is in no price table; the costs are then 0
  std::string price_version;
  config::Picodollars cost_actual = 0;
  config::Picodollars cost_uncached = 0;
  /// With what the client and the provider cache by themselves alone (client_only.h).
  config::Picodollars cost_client_only = 0;
  /// Tokens of the KB inside the prompt, estimated: what a fine-tuned model would not be sent.
  std::uint64_t kb_tokens_estimate = 0;
  std::uint32_t client_markers = 0;         // places where the client itself asked for a write
  std::uint64_t request_bytes = 0;          // the client's body
  std::uint64_t inserted_bytes = 0;         // what Foreword put into it
  std::chrono::microseconds first_byte{0};  // from the request's start to the answer's head
  std::chrono::microseconds duration{0};
  /// Breakpoints that Foreword set on the client's own segments.
  std::uint32_t placed_markers = 0;
  /// From the front, at most kMostRowPrefixes; empty for short prompts and in mode off.
  std::vector<RowPrefix> prefixes;
};

/// A longer text (a model name is what the client says it is) is cut to this when it is stored.
inline constexpr std::size_t kMaxLedgerTextBytes = 256;

/// Makes of a row what will be read back of it: longer texts cut, a negative cost unpriced.
void make_storable(LedgerRow& row);

/// The value under which a row is stored (protobuf, cache/records.proto). A negative duration is
/// stored as 0, a negative cost (an overflow) as unpriced. The Error names what in a row could not
/// be read back, an enum that holds none of its enumerators, say.
[[nodiscard]] config::Result<std::string> encode(const LedgerRow& row);
/// And back. The Error names what is wrong with a row that cannot be read.
[[nodiscard]] config::Result<LedgerRow> decode_ledger_row(std::string_view value);

}  // namespace foreword::cache
