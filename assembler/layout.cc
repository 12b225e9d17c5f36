#include "assembler/layout.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "assembler/document_order.h"

namespace foreword::assembler {
namespace {

/// Of its weight, a change keeps this much at the next update. (Between 0.8 and 0.98 it hardly
/// matters, on three histories of documents.)
constexpr double kHeatDecay = 0.95;
constexpr double kColdHeat = 0.01;

/// From here on the reads of superseded text cost more than a layer of its own for what changes
/// often (replayed on a handbook's history; the range in which both cost the same is wide).
constexpr double kBusyRequestsPerDay = 30;
constexpr double kHotShare = 0.20;

/// What is expected of a document that has not changed, as a share of a change just now.
constexpr double kUnchangedHeat = 0.1;

/// Exact: the last layer, and the last two, hold at most this share of the text when they are
/// written. New documents may make more of them, up to the bound.
struct Share {
  double when_written;
  double bound;
};
constexpr Share kExactLast{0.20, 0.40};
constexpr Share kExactLastTwo{0.50, 0.75};

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

/// Changes that are to be expected, for the room that the document takes. Longer documents change
/// more often, but less than in proportion: hence the root.
double heat_density(const std::map<std::string, double>& heat, const Document& document) {
  const auto found = heat.find(document.path);
  const auto expected = kUnchangedHeat + (found == heat.end() ? 0 : found->second);
  return expected / std::sqrt(static_cast<double>(document.text.size()));
}

std::string_view path_of(const std::shared_ptr<const Document>& document) {
  return document->path;
}

bool holds(const Snapshot& documents, std::string_view path) {
  return std::ranges::binary_search(documents, path, {}, path_of);
}

bool is_current(const Document& told, const Snapshot& current) {
  const auto found = std::ranges::lower_bound(current, told.path, {}, path_of);
  return found != current.end() && **found == told;
}

/// Does it tell a document that is not current any more?
bool is_outdated(const Snapshot& told, const Snapshot& current) {
  return std::ranges::any_of(told,
                             [&](const auto& document) { return !is_current(*document, current); });
}

/// The documents that are told in front of the first one that is not current any more: caches that
/// find every byte again still have them.
std::vector<std::string> undisturbed(const Layout& told, const Snapshot& current) {
  const DocumentPlaces places(told.order);
  const auto place = [&](const auto& document) { return places.of(document->path); };
  std::vector<std::string> paths;
  std::set<std::string_view> told_before;  // a document can go, and come again later
  for (const Snapshot* layers : {&told.base, &told.middle, &told.current}) {
    Snapshot layer;
    std::ranges::copy_if(*layers, std::back_inserter(layer), [&](const auto& document) {
      return told_before.insert(document->path).second;
    });
    std::ranges::stable_sort(layer, {}, place);
    for (const auto& document : layer) {
      if (!is_current(*document, current)) return paths;
      paths.push_back(document->path);
    }
    if (is_outdated(*layers, current)) return paths;
  }
  return paths;
}

/// All current documents: those that stay in front where they are, then by what is expected.
std::vector<std::string> order_behind(std::vector<std::string> order, const Layout& layout) {
  const std::set<std::string> placed(order.begin(), order.end());
  std::vector<std::pair<double, std::string_view>> rest;
  for (const auto& document : layout.current) {
    if (placed.contains(document->path)) continue;
    rest.emplace_back(heat_density(layout.heat, *document), document->path);
  }
  std::ranges::sort(rest);
  for (const auto& [density, path] : rest) order.emplace_back(path);
  return order;
}

/// The documents in front, so many that those behind hold at most that share of the text.
/// REQUIRES: the order is one of the current documents.
Snapshot front(const Layout& layout, double share_behind) {
  const DocumentPlaces places(layout.order);
  Snapshot documents(layout.current.size());
  for (const auto& document : layout.current) documents[places.of(document->path)] = document;
  auto room = share_behind * static_cast<double>(text_bytes(layout.current));
  while (!documents.empty()) {
    room -= static_cast<double>(documents.back()->text.size());
    if (room < 0) break;
    documents.pop_back();
  }
  std::ranges::sort(documents, {}, path_of);
  return documents;
}

// --- overlay ------------------------------------------------------------------------------------

/// All documents anew. What changes often goes behind, where enough requests would read what is
/// superseded; never all of it, since a layer is not empty.
void write_base(Layout& layout, const Layout& before, const LayoutPolicy& policy) {
  layout.last_layer_cost = 0;
  layout.base_cost = 0;
  layout.order = order_behind(undisturbed(before, layout.current), layout);
  layout.middle = layout.current;
  layout.base =
      policy.requests_per_day < kBusyRequestsPerDay ? layout.current : front(layout, kHotShare);
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

void next_overlay(Layout& layout, const Layout& before, double days, const LayoutPolicy& policy) {
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
    write_base(layout, before, policy);
  } else if (may_merge && (has_to_merge || layout.last_layer_cost > merge_price)) {
    layout.middle = layout.current;
    layout.last_layer_cost = 0;
    layout.base_cost += merge_price;
  }
}

// --- exact --------------------------------------------------------------------------------------

/// The current documents whose path is in one of the two. Documents are shared by path with what
/// was there before.
Snapshot those_of(const Layout& layout, const Snapshot& some, const Snapshot& others) {
  Snapshot those;
  std::ranges::copy_if(layout.current, std::back_inserter(those), [&](const auto& document) {
    return holds(some, document->path) || holds(others, document->path);
  });
  return those;
}

/// Nothing of it is superseded, and not too much has come behind it.
bool stays(const Snapshot& layers, const Layout& layout, const Share& behind) {
  if (is_outdated(layers, layout.current)) return false;
  const auto all = static_cast<double>(text_bytes(layout.current));
  return all - static_cast<double>(text_bytes(layers)) <= behind.bound * all;
}

/// What changed pulls along what stands behind it, and all of that is put in the order of heat. So
/// does what an overlay has left superseded.
void next_exact(Layout& layout, const Layout& before) {
  layout.order = order_behind(undisturbed(before, layout.current), layout);
  const bool base_stays = stays(layout.base, layout, kExactLastTwo);
  const bool middle_stays = base_stays && stays(layout.middle, layout, kExactLast);
  if (!base_stays) layout.base = front(layout, kExactLastTwo.when_written);
  if (!middle_stays) layout.middle = front(layout, kExactLast.when_written);
  layout.middle = those_of(layout, layout.base, layout.middle);
  layout.base = those_of(layout, layout.base, {});
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
    next_exact(layout, before);
  } else {
    next_overlay(layout, before, days, policy);
  }
  return layout;
}

std::vector<Layer> render(const Layout& layout) {
  std::vector<Layer> layers;
  std::size_t next_index = 1;
  const auto add = [&](const Snapshot& before, const Snapshot& after) {
    auto layer = render_layer(before, after, next_index, layout.order);
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
