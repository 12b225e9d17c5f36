// Where the documents of a knowledge base go, so that an update leaves what stands in front of it
// warm: at most three layers, laid out like a log-structured store.
//
// A layout is three moments of the knowledge base: what the first layer tells, what the second adds
// to it, what the third adds to that. An update says the current documents again from one of the
// layers on; the layers in front keep their bytes. Pure: the same history of documents gives the
// same layouts.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "assembler/layer.h"

namespace foreword::assembler {

enum class LayoutKind : std::uint8_t {
  overlay = 0,  // changed sections are said again behind, and the old ones named as superseded
  exact = 1,    // no superseded text at all; what changes often stands behind
};

/// What decides when text is written again. Prices are relative to the price of an input token; the
/// defaults are those of most Claude models.
struct LayoutPolicy {
  LayoutKind kind = LayoutKind::overlay;
  /// Of the knowledge base itself, by its own ledger.
  double requests_per_day = 10;
  double write_price = 1.25;
  double read_price = 0.1;
  /// Overlay: no more of all text than this is superseded at any time.
  double max_stale_share = 0.10;
};

struct Layout {
  /// What a model knows after each of the layers; the last one is what is current.
  Snapshot base;
  Snapshot middle;
  Snapshot current;
  /// Paths in the order in which layers tell their documents: the later, the more often a document
  /// changes for its size. What is not in it comes behind, by path.
  std::vector<std::string> order;
  /// How often documents changed, lately more than long ago; by path.
  std::map<std::string, double> heat;
  /// What was paid since the last layer, and since the first one, was written into those before it
  /// or anew: its re-writes, and the reads of what is sent beyond the current documents. As the
  /// prices above, in bytes of text.
  double last_layer_cost = 0;
  double base_cost = 0;
};

/// The first layout of a knowledge base.
[[nodiscard]] Layout first_layout(Snapshot documents);

/// After an update to `documents`, `days` after the one before. Without a change it is the same,
/// but for superseded text beyond the policy's bound: that goes, so that a stricter policy holds
/// from the next update on. The overlay rents before it buys: a layer is written into the one
/// before it when what was paid for leaving it (its own re-writes, and the reads of text that it
/// supersedes) has come to the price of doing so, which is never more than twice what hindsight
/// would have paid.
[[nodiscard]] Layout next_layout(const Layout& before, Snapshot documents, double days,
                                 const LayoutPolicy& policy);

/// One to three layers.
[[nodiscard]] std::vector<Layer> render(const Layout& layout);

/// Superseded text as a share of all that is sent.
[[nodiscard]] double stale_share(const Layout& layout);

}  // namespace foreword::assembler
