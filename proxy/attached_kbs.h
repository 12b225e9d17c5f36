// What a request's prompt gets in front: one knowledge base, or several joined.
//
// Immutable and shared: made once for a set of versions, not for each request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "assembler/knowledge.h"
#include "cache/knowledge.h"
#include "proxy/kb_figures.h"

namespace foreword::proxy {

/// One version in memory: its layers' escaped bytes, in order.
struct LoadedKb {
  cache::KbVersion version;
  std::vector<std::string> layers;
  KbFigures figures;
};

struct AttachedKbs {
  std::string name;     // "handbook", "handbook+policies"
  std::string version;  // the content ids in hexadecimal, joined the same way
  /// About what a model reads of it.
  std::uint64_t text_bytes = 0;
  assembler::JoinedKnowledge knowledge;
  /// Sent as prompt_cache_key: names what stands first of all, the same on every machine, so that
  /// the requests behind an update of anything else go to where that is warm.
  std::string cache_key;
  /// Hold the bytes that `knowledge` views.
  std::vector<std::shared_ptr<const LoadedKb>> kbs;
};

struct TokenEstimate {
  std::uint64_t tokens = 0;
  /// The true number is within this share of it.
  double error = 0;
};
/// Counted or learned where the figures say so, else of so many bytes a token. `model` is nullptr
/// for one that is not in the table.
[[nodiscard]] TokenEstimate estimate_tokens(const AttachedKbs& attached, const config::Model* model,
                                            double bytes_per_token);

/// In that order. REQUIRES: at least one.
[[nodiscard]] std::shared_ptr<const AttachedKbs> attach(
    std::vector<std::shared_ptr<const LoadedKb>> kbs);

}  // namespace foreword::proxy
