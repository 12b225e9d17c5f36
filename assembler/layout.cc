#include "assembler/layout.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace foreword::assembler {
namespace {

/// Of its weight, a change keeps this much at the next update.
constexpr double kHeatDecay = 0.98;
constexpr double kColdHeat = 0.01;

/// From here on the reads of superseded text cost more than a layer of its own for what changes
/// often (replayed on a handbook's history; the range in which both cost the same is wide).
constexpr double kBusyRequestsPerDay = 30;
constexpr double kHotShare = 0.20;

/// Exact: the last layer, and the last two, hold at most this share of the text.
constexpr double kExactLastShare = 0.20;
constexpr double kExactMiddleShare = 0.50;

std::uint64_t text_bytes(const Snapshot& documents) {
  std::uint64_t bytes = 0;
  for (const auto& document : documents) bytes += document->text.size();
  return bytes;
}

/// Paths whose document is not the same in both.
std::set<std::string_view> changed_paths(const Snapshot& before, const Snapshot& after) {
  std::set<std::string_view> changed;
  auto old = before.begin();
  for (const auto& document : after) {
    for (; old != before.end() && (*old)->path < document->path; ++old) {
      changed.insert((*old)->path);
    }
    const bool known = old != before.end() && (*old)->path == document->path;
    if (!known || (*old)->text != document->text) changed.insert(document->path);
    if (known) ++old;
  }
  for (; old != before.end(); ++old) changed.insert((*old)->path);
  return changed;
}

std::map<std::string, double> warmed(std::map<std::string, double> heat,
                                     const std::set<std::string_view>& changed) {
  for (auto& [path, value] : heat) value *= kHeatDecay;
  std::erase_if(heat, [](const auto& entry) { return entry.second < kColdHeat; });
  for (const auto path : changed) heat[std::string(path)] += 1;
  return heat;
}

/// Changes by byte: what stands behind for this is worth the room it takes there.
double heat_density(const std::map<std::string, double>& heat, const Document& document) {
  const auto found = heat.find(document.path);
  if (found == heat.end()) return 0;
  return found->second / static_cast<double>(document.text.size());
}

/// The documents that change most for their size, up to `bytes` of text. More bytes, more of them.
std::set<const Document*> hottest(const Snapshot& documents,
                                  const std::map<std::string, double>& heat, double bytes) {
  std::vector<std::pair<double, const Document*>> order;
  for (const auto& document : documents) {
    const auto density = heat_density(heat, *document);
    if (density > 0) order.emplace_back(density, document.get());
  }
  std::ranges::stable_sort(order, std::greater<>(), [](const auto& entry) { return entry.first; });
  std::set<const Document*> hot;
  for (const auto& [density, document] : order) {
    bytes -= static_cast<double>(document->text.size());
    if (bytes < 0) break;
    hot.insert(document);
  }
  return hot;
}

Snapshot without(const Snapshot& documents, const std::set<const Document*>& left_out) {
  Snapshot rest;
  std::ranges::copy_if(documents, std::back_inserter(rest),
                       [&](const auto& document) { return !left_out.contains(document.get()); });
  return rest;
}

// --- overlay ------------------------------------------------------------------------------------

/// All documents anew. What changes often goes behind, where enough requests would read what is
/// superseded; never all of it, since a layer is not empty.
void write_base(Layout& layout, const LayoutPolicy& policy) {
  layout.last_layer_cost = 0;
  layout.base_cost = 0;
  layout.base = layout.current;
  layout.middle = layout.current;
  if (policy.requests_per_day < kBusyRequestsPerDay) return;
  const auto share = kHotShare * static_cast<double>(text_bytes(layout.current));
  layout.base = without(layout.current, hottest(layout.current, layout.heat, share));
}

/// What is sent of some layers together.
struct Sent {
  double bytes = 0;
  double superseded = 0;

  void add(const LayerSize& layer) {
    bytes += static_cast<double>(layer.text_bytes);
    superseded += static_cast<double>(layer.superseded_bytes);
  }
  [[nodiscard]] bool keeps_to(const LayoutPolicy& policy) const {
    return superseded <= policy.max_stale_share * bytes;
  }
};

void next_overlay(Layout& layout, double days, const LayoutPolicy& policy) {
  const auto anew = static_cast<double>(measure_layer({}, layout.current).text_bytes);
  const auto base = measure_layer({}, layout.base);
  const auto last = measure_layer(layout.middle, layout.current);
  const auto merge = measure_layer(layout.base, layout.current);
  Sent as_it_is;
  as_it_is.add(base);
  as_it_is.add(measure_layer(layout.base, layout.middle));
  as_it_is.add(last);
  Sent merged;
  merged.add(base);
  merged.add(merge);
  const double reads = policy.read_price * policy.requests_per_day * days;
  const double merge_price = policy.write_price * static_cast<double>(merge.text_bytes);

  layout.last_layer_cost += policy.write_price * static_cast<double>(last.text_bytes) +
                            reads * std::max(as_it_is.bytes - merged.bytes, 0.0);
  layout.base_cost += reads * std::max(merged.bytes - anew, 0.0);
  const bool has_to_merge = !as_it_is.keeps_to(policy);
  const bool may_merge = merged.keeps_to(policy);
  if ((has_to_merge && !may_merge) || layout.base_cost > policy.write_price * anew) {
    write_base(layout, policy);
  } else if (may_merge && (has_to_merge || layout.last_layer_cost > merge_price)) {
    layout.middle = layout.current;
    layout.last_layer_cost = 0;
    layout.base_cost += merge_price;
  }
}

// --- exact --------------------------------------------------------------------------------------

std::string_view path_of(const std::shared_ptr<const Document>& document) {
  return document->path;
}

bool holds(const Snapshot& documents, std::string_view path) {
  return std::ranges::binary_search(documents, path, {}, path_of);
}

/// The documents of `documents` whose path is in `paths_of`.
Snapshot those_of(const Snapshot& documents, const Snapshot& paths_of) {
  Snapshot those;
  std::ranges::copy_if(documents, std::back_inserter(those),
                       [&](const auto& document) { return holds(paths_of, document->path); });
  return those;
}

/// Does it tell a document that is not current any more?
bool is_outdated(const Snapshot& told, const Snapshot& current) {
  return std::ranges::any_of(told, [&](const auto& document) {
    const auto found = std::ranges::lower_bound(current, document->path, {}, path_of);
    return found == current.end() || **found != *document;
  });
}

/// What changed pulls along what stands behind it, and all of that is put in the order of heat. So
/// does what an overlay has left superseded.
void next_exact(Layout& layout) {
  const auto all = static_cast<double>(text_bytes(layout.current));
  const auto middle_and_last = hottest(layout.current, layout.heat, kExactMiddleShare * all);
  const auto last = hottest(layout.current, layout.heat, kExactLastShare * all);
  if (is_outdated(layout.base, layout.current)) {
    layout.base = without(layout.current, middle_and_last);
    layout.middle = without(layout.current, last);
  } else if (is_outdated(layout.middle, layout.current)) {
    Snapshot middle;
    for (const auto& document : layout.current) {
      if (holds(layout.base, document->path) || !last.contains(document.get())) {
        middle.push_back(document);
      }
    }
    layout.middle = std::move(middle);
  }
  // Unchanged documents are shared with the snapshot of before by path.
  layout.base = those_of(layout.current, layout.base);
  layout.middle = those_of(layout.current, layout.middle);
}

/// Is no more of it superseded than the policy allows? It may have been laid out by another one.
bool keeps_to(const LayoutPolicy& policy, const Layout& layout) {
  const auto most = policy.kind == LayoutKind::exact ? 0 : policy.max_stale_share;
  return stale_share(layout) <= most;
}

}  // namespace

Layout first_layout(Snapshot documents) {
  Layout layout;
  layout.base = documents;
  layout.middle = documents;
  layout.current = std::move(documents);
  return layout;
}

Layout next_layout(const Layout& before, Snapshot documents, double days,
                   const LayoutPolicy& policy) {
  const auto changed = changed_paths(before.current, documents);
  if (changed.empty() && keeps_to(policy, before)) return before;
  Layout layout = before;
  layout.heat = warmed(std::move(layout.heat), changed);
  layout.current = std::move(documents);
  if (policy.kind == LayoutKind::exact) {
    next_exact(layout);
  } else {
    next_overlay(layout, days, policy);
  }
  return layout;
}

std::vector<Layer> render(const Layout& layout) {
  std::vector<Layer> layers;
  std::size_t next_index = 1;
  const auto add = [&](const Snapshot& before, const Snapshot& after) {
    auto layer = render_layer(before, after, next_index);
    if (!layer) return;
    next_index += layer->paths.size();
    layers.push_back(std::move(*layer));
  };
  add({}, layout.base);
  add(layout.base, layout.middle);
  add(layout.middle, layout.current);
  return layers;
}

double stale_share(const Layout& layout) {
  const auto base = measure_layer({}, layout.base);
  const auto middle = measure_layer(layout.base, layout.middle);
  const auto last = measure_layer(layout.middle, layout.current);
  const auto total = base.text_bytes + middle.text_bytes + last.text_bytes;
  return static_cast<double>(middle.superseded_bytes + last.superseded_bytes) /
         static_cast<double>(total);
}

}  // namespace foreword::assembler
