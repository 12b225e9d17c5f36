#include "tools/ledger_trace.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "proxy/time_text.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;
using replay::kBlockTokens;

/// A prompt has no more blocks.
constexpr int kBlockBits = 24;
static_assert(replay::TraceBuilder::kMaxTokens / kBlockTokens < 1u << kBlockBits);

struct PromptPrefix {
  std::uint64_t hash = 0;
  std::uint64_t tokens = 0;
};

std::vector<PromptPrefix> prefixes_of(const json::object& row) {
  std::vector<PromptPrefix> prefixes;
  for (const auto& each : row.at("prefixes").as_array()) {
    prefixes.push_back(
        {each.at(0).to_number<std::uint64_t>(), each.at(1).to_number<std::uint64_t>()});
  }
  return prefixes;
}

/// Each block is named by the first prefix that holds all of it, and by its number.
std::vector<std::uint64_t> blocks_of(const std::vector<PromptPrefix>& prefixes) {
  const auto tokens = prefixes.back().tokens;
  std::vector<std::uint64_t> ids;
  auto prefix = prefixes.begin();
  for (std::uint64_t begin = 0; begin < tokens; begin += kBlockTokens) {
    const auto end = std::min(begin + kBlockTokens, tokens);
    while (prefix->tokens < end) ++prefix;
    ids.push_back(prefix->hash << kBlockBits | ids.size());
  }
  return ids;
}

std::uint64_t count_of(const json::object& tokens, std::string_view name) {
  const auto* count = tokens.if_contains(name);
  return count == nullptr ? 0 : count->to_number<std::uint64_t>();
}

/// Tokens of the prompt, as billed.
std::uint64_t prompt_tokens(const json::object& tokens) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : tokens) {
    if (name != "output") sum += count.to_number<std::uint64_t>();
  }
  return sum;
}

bool is_a_clients(const json::object& row) {
  const auto* label = row.at("label").if_string();
  return label == nullptr || !std::string_view(*label).starts_with("foreword/");
}

}  // namespace

config::Result<replay::Trace> read_ledger_trace(const AdminConnection& admin,
                                                LedgerQuestion question) {
  question.prefixes = true;
  replay::TraceBuilder builder;
  std::optional<config::TimePoint> first;
  std::uint64_t alone = 0;
  const auto add = [&](const json::object& row) {
    const auto& tokens = row.at("tokens").as_object();
    const auto at = proxy::parse_rfc3339(row.at("time").as_string());
    auto prefixes = prefixes_of(row);
    if (prefixes.empty() && prompt_tokens(tokens) > 0) {
      // No other row has this hash: it does not fit into 32 bits.
      prefixes.push_back({(std::uint64_t{1} << 32) + ++alone, prompt_tokens(tokens)});
    }
    const bool billed = prompt_tokens(tokens) > 0 && is_a_clients(row) && at.has_value();
    const auto most = replay::TraceBuilder::kMaxTokens;
    if (!billed || prefixes.empty() || prefixes.back().tokens == 0) return true;
    if (prefixes.back().tokens > most) return true;
    if (!first) first = at;
    const std::chrono::duration<double, std::milli> since = *at - *first;
    builder.add(std::max(since.count(), 0.0), prefixes.back().tokens, count_of(tokens, "output"),
                blocks_of(prefixes));
    return builder.segment_uses() < replay::TraceBuilder::kMaxSegmentUses;
  };
  const auto visited = for_each_ledger_row(admin, question, add);
  if (!visited) return visited.error();
  if (builder.size() == 0) {
    return config::Error{"the ledger has no billed request of that time: --since reaches back"};
  }
  return std::move(builder).build();
}

}  // namespace foreword::tools
