// A request's bill line by line: the arithmetic behind ModelTable::cost().
//
// Pure functions of plain values, thread-safe. Money is picodollars.
#pragma once

#include <cstdint>
#include <vector>

#include "config/models.h"
#include "config/money.h"
#include "config/tokens.h"

namespace foreword::config {

struct BillLine {
  TokenClass token_class{};
  std::uint64_t tokens = 0;
  Picodollars per_token = 0;
  PicodollarTotal amount = 0;
};

struct BillDetail {
  bool long_context = false;             // the whole request is at the rates of long prompts
  std::vector<BillLine> lines;           // classes that have tokens, in their order
  std::vector<PriceModifier> modifiers;  // each multiplies the sum of the lines
  Picodollars total = 0;                 // exactly ModelTable::cost().actual
};

[[nodiscard]] BillDetail bill_detail(const ModelTable& table, const Model& model,
                                     const TokenCounts& counts, const ServiceTerms& terms,
                                     TimePoint at);

}  // namespace foreword::config
