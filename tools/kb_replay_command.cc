#include <algorithm>
#include <memory>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tools/commands.h"
#include "tools/document_loader.h"
#include "tools/kb_replay.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

constexpr double kRates[] = {1, 10, 100, 1000};

struct Row {
  std::string layout;
  ReplayResult result;
};

config::Result<assembler::Snapshot> load_snapshot(const std::filesystem::path& folder) {
  auto loaded = load_documents({folder});
  if (!loaded) return loaded.error();
  assembler::Snapshot documents;
  for (const auto& raw : loaded->documents) {
    auto text = assembler::normalise_text(raw.text);
    if (!text) continue;
    documents.push_back(
        std::make_shared<const assembler::Document>(assembler::Document{raw.path, *text}));
  }
  std::ranges::sort(documents, {},
                    [](const auto& document) -> const std::string& { return document->path; });
  if (documents.empty()) return config::Error{"no documents in " + folder.string()};
  return documents;
}

std::vector<Row> replay_all(const assembler::Snapshot& base, const std::vector<KbUpdate>& updates,
                            double requests_per_day) {
  assembler::LayoutPolicy policy;
  policy.requests_per_day = requests_per_day;
  std::vector<Row> rows;
  rows.push_back({"path order", replay_simple(base, updates, SimpleLayout::path_order, policy)});
  rows.push_back(
      {"changed to tail", replay_simple(base, updates, SimpleLayout::changed_to_tail, policy)});
  rows.push_back({"overlay", replay_layout(base, updates, policy)});
  policy.kind = assembler::LayoutKind::exact;
  rows.push_back({"exact", replay_layout(base, updates, policy)});
  return rows;
}

/// Whether the layouts that Foreword publishes tell what is current, at all rates.
struct Told {
  std::size_t layouts = 0;
  std::string wrong;

  void add(const Row& row) {
    if (row.layout != "overlay" && row.layout != "exact") return;
    ++layouts;
    if (wrong.empty() && !row.result.told_wrong.empty()) {
      wrong = row.layout + ", " + row.result.told_wrong;
    }
  }
};

json::object as_json(const Row& row, double requests_per_day) {
  json::array steps;
  for (const auto& step : row.result.steps) {
    steps.push_back({{"rewritten_bytes", step.rewritten_from_breakpoint},
                     {"rewritten_bytes_to_the_byte", step.rewritten_from_byte},
                     {"superseded_bytes", step.superseded},
                     {"total_bytes", step.total}});
  }
  return {{"layout", row.layout},
          {"requests_per_day", requests_per_day},
          {"mean_rewritten", row.result.mean_rewritten(CacheGrain::breakpoints)},
          {"mean_rewritten_to_the_byte", row.result.mean_rewritten(CacheGrain::bytes)},
          {"max_stale", row.result.max_stale()},
          {"bill", row.result.bill(CacheGrain::breakpoints)},
          {"versions_told_right", row.result.told_right},
          {"bill_to_the_byte", row.result.bill(CacheGrain::bytes)},
          {"updates", std::move(steps)}};
}

void print_rows(const std::vector<Row>& rows, double requests_per_day) {
  fmt::print("\n{:<22} {:^25} {:^25}\n", fmt::format("{} requests a day", requests_per_day),
             "cached to breakpoints", "cached to the byte");
  fmt::print("  {:<16} {:>10}  {:>12} {:>12} {:>12} {:>12}\n", "layout", "most stale", "re-written",
             "bill", "re-written", "bill");
  for (const auto& [layout, result] : rows) {
    fmt::print("  {:<16} {:>9.1f}%", layout, result.max_stale() * 100);
    for (const auto grain : {CacheGrain::breakpoints, CacheGrain::bytes}) {
      fmt::print("  {:>11.1f}% {:>11.1f}", result.mean_rewritten(grain) * 100, result.bill(grain));
    }
    fmt::print("\n");
  }
}

}  // namespace

int replay_kb(const std::filesystem::path& folder, const std::filesystem::path& updates_file,
              bool print_json) {
  const auto base = load_snapshot(folder);
  if (!base) return fail(base.error().message);
  const auto updates = read_updates(updates_file);
  if (!updates) return fail(updates.error().message);
  json::array all;
  if (!print_json) {
    fmt::print(
        "{} documents, {} updates. Re-written: mean share per update. Bill: of the whole "
        "history, in units of sending the knowledge base once without a cache.\n",
        base->size(), updates->size());
    const auto changed = changed_text(*base, *updates);
    fmt::print("An update changes {:.1f}% of the text by document, {:.1f}% by section.\n",
               changed.of_documents * 100, changed.of_sections * 100);
  }
  Told told;
  for (const auto rate : kRates) {
    const auto rows = replay_all(*base, *updates, rate);
    for (const auto& row : rows) told.add(row);
    for (const auto& row : rows) all.push_back(as_json(row, rate));
    if (!print_json) print_rows(rows, rate);
  }
  if (print_json) fmt::print("{}\n", json::serialize(all));
  if (!told.wrong.empty()) return fail("not each current document exactly once: " + told.wrong);
  if (!print_json) {
    fmt::print(
        "\nEach current document exactly once, and what is superseded marked as such: in all {} "
        "versions, each laid out in {} ways\n",
        updates->size() + 1, told.layouts);
  }
  return kDone;
}

}  // namespace foreword::tools
