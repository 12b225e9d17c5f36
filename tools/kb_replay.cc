#include "tools/kb_replay.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <zlib.h>

#include "assembler/amendment.h"
#include "assembler/document_changes.h"
#include "tools/kb_told.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;
using assembler::Document;
using assembler::LayoutPolicy;
using assembler::Snapshot;

constexpr std::size_t kReadBytes = 1u << 20;

/// gzip or plain: zlib looks.
config::Result<std::string> read_all(const std::filesystem::path& file) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> input(gzopen(file.c_str(), "rb"), &gzclose);
  if (!input) return config::Error{fmt::format("cannot read {}", file.string())};
  std::string text;
  for (;;) {
    const auto before = text.size();
    text.resize(before + kReadBytes);
    const auto bytes = gzread(input.get(), text.data() + before, kReadBytes);
    if (bytes < 0) return config::Error{fmt::format("{} is damaged gzip", file.string())};
    text.resize(before + static_cast<std::size_t>(bytes));
    if (bytes == 0) return {boost::system::in_place_value, std::move(text)};
  }
}

std::string as_string(const json::value& value) {
  const auto& text = value.as_string();
  return {text.data(), text.size()};
}

/// Throws what Boost.JSON throws where the line is not of this form.
KbUpdate parse_update(std::string_view line) {
  const auto object = json::parse(json::string_view(line.data(), line.size()));
  KbUpdate update;
  update.date = as_string(object.at("date"));
  for (const auto& [path, text] : object.at("put").as_object()) {
    update.put.emplace(std::string(path), as_string(text));
  }
  for (const auto& path : object.at("remove").as_array()) update.remove.push_back(as_string(path));
  return update;
}

std::optional<std::chrono::sys_days> parse_date(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::uint64_t text_bytes(const Snapshot& documents) {
  std::uint64_t bytes = 0;
  for (const auto& document : documents) bytes += document->text.size();
  return bytes;
}

/// Texts that cannot be normalised stay as they were: one bad file must not stop a replay.
Snapshot after_update(const Snapshot& before, const KbUpdate& update) {
  std::map<std::string_view, std::shared_ptr<const Document>> documents;
  for (const auto& document : before) documents.emplace(document->path, document);
  for (const auto& path : update.remove) documents.erase(path);
  for (const auto& [path, text] : update.put) {
    const auto normalised = assembler::normalise_text(text);
    if (!normalised) continue;
    const auto old = documents.find(path);
    if (old != documents.end() && old->second->text == *normalised) continue;
    auto document = std::make_shared<const Document>(Document{path, *normalised});
    documents.erase(path);
    documents.emplace(document->path, document);
  }
  Snapshot after;
  for (auto& [path, document] : documents) after.push_back(std::move(document));
  return after;
}

/// Adds an update to a result.
void account(ReplayResult& result, const ReplayStep& step, const Snapshot& current, double days,
             const LayoutPolicy& policy) {
  const auto text = static_cast<double>(text_bytes(current));
  const auto writes = [&](CacheGrain grain) {
    return policy.write_price * static_cast<double>(step.rewritten(grain)) / text;
  };
  result.writes_from_breakpoints += writes(CacheGrain::breakpoints);
  result.writes_from_bytes += writes(CacheGrain::bytes);
  result.reads +=
      policy.read_price * policy.requests_per_day * days * static_cast<double>(step.total) / text;
  result.steps.push_back(step);
}

void note_told(ReplayResult& result, const std::optional<std::string>& wrong,
               std::string_view version) {
  if (!wrong) ++result.told_right;
  if (wrong && result.told_wrong.empty()) {
    result.told_wrong = fmt::format("{}: {}", version, *wrong);
  }
}

/// The bytes of `after` from the first one that is not what it was, before escaping.
std::uint64_t bytes_behind_difference(const assembler::Layer& before,
                                      const assembler::Layer& after) {
  const auto [ignored, end] = std::ranges::mismatch(before.escaped, after.escaped);
  const auto different = static_cast<double>(after.escaped.end() - end);
  return static_cast<std::uint64_t>(different / static_cast<double>(after.escaped.size()) *
                                    static_cast<double>(after.text_bytes));
}

/// From the first layer that is not what it was.
ReplayStep step_between(const std::vector<assembler::Layer>& before,
                        const assembler::Layout& layout,
                        const std::vector<assembler::Layer>& after) {
  ReplayStep step;
  bool all_same = true;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const bool same = all_same && i < before.size() && before[i].hash == after[i].hash;
    step.total += after[i].text_bytes;
    if (!same) step.rewritten_from_breakpoint += after[i].text_bytes;
    if (!same) {
      step.rewritten_from_byte += all_same && i < before.size()
                                      ? bytes_behind_difference(before[i], after[i])
                                      : after[i].text_bytes;
    }
    all_same = same;
  }
  step.superseded =
      static_cast<std::uint64_t>(assembler::stale_share(layout) * static_cast<double>(step.total));
  return step;
}

std::vector<std::shared_ptr<const Document>> reorder(const Snapshot& order, const Snapshot& after,
                                                     SimpleLayout layout) {
  if (layout == SimpleLayout::path_order) return after;
  std::map<std::string_view, const Document*> current;
  for (const auto& document : after) current.emplace(document->path, document.get());
  Snapshot result;
  std::set<std::string_view> kept;
  for (const auto& document : order) {
    const auto found = current.find(document->path);
    if (found == current.end() || found->second->text != document->text) continue;
    result.push_back(document);
    kept.insert(document->path);
  }
  for (const auto& document : after) {
    if (!kept.contains(document->path)) result.push_back(document);
  }
  return result;
}

}  // namespace

double ReplayResult::mean_rewritten(CacheGrain grain) const {
  double sum = 0;
  for (const auto& step : steps) {
    sum += static_cast<double>(step.rewritten(grain)) / static_cast<double>(step.total);
  }
  return steps.empty() ? 0 : sum / static_cast<double>(steps.size());
}

double ReplayResult::max_stale() const {
  double most = 0;
  for (const auto& step : steps) {
    most = std::max(most, static_cast<double>(step.superseded) / static_cast<double>(step.total));
  }
  return most;
}

config::Result<std::vector<KbUpdate>> read_updates(const std::filesystem::path& file) {
  const auto text = read_all(file);
  if (!text) return text.error();
  std::vector<KbUpdate> updates;
  std::optional<std::chrono::sys_days> last;
  std::string_view rest = *text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty()) continue;
    try {
      updates.push_back(parse_update(line));
    } catch (const std::exception& error) {
      return config::Error{fmt::format(
          R"({}, line {}: not {{"date": ..., "put": {{path: text}}, "remove": [path]}}: {})",
          file.string(), number, error.what())};
    }
    const auto date = parse_date(updates.back().date);
    if (!date) {
      return config::Error{
          fmt::format("{}, line {}: '{}' is no date such as 2023-01-31, or is "
                      "before the line above",
                      file.string(), number, updates.back().date)};
    }
    if (last) updates.back().days = std::max(1.0, static_cast<double>((*date - *last).count()));
    last = date;
  }
  return updates;
}

ReplayResult replay_layout(const Snapshot& base, const std::vector<KbUpdate>& updates,
                           const LayoutPolicy& policy) {
  ReplayResult result;
  ToldDocuments told;
  auto layout = assembler::first_layout(base);
  auto layers = assembler::render(layout);
  note_told(result, told.check(layers, base), "the first version");
  for (const auto& update : updates) {
    auto documents = after_update(layout.current, update);
    layout = assembler::next_layout(layout, std::move(documents), update.days, policy);
    auto next = assembler::render(layout);
    account(result, step_between(layers, layout, next), layout.current, update.days, policy);
    note_told(result, told.check(next, layout.current), update.date);
    layers = std::move(next);
  }
  return result;
}

ReplayResult replay_simple(const Snapshot& base, const std::vector<KbUpdate>& updates,
                           SimpleLayout layout, const LayoutPolicy& policy) {
  ReplayResult result;
  Snapshot current = base;
  Snapshot order = base;
  for (const auto& update : updates) {
    current = after_update(current, update);
    auto next = reorder(order, current, layout);
    ReplayStep step;
    step.total = assembler::measure_layer({}, current).text_bytes;
    const auto text = text_bytes(current);
    const auto kept = assembler::common_front_bytes(order, next);
    const auto kept_thirds = kept * 3 / text;
    step.rewritten_from_byte = (text - kept) * step.total / text;  // with its share of the wrapping
    step.rewritten_from_breakpoint = (3 - kept_thirds) * step.total / 3;
    account(result, step, current, update.days, policy);
    order = std::move(next);
  }
  return result;
}

ChangedText changed_text(const Snapshot& base, const std::vector<KbUpdate>& updates) {
  ChangedText sum;
  std::size_t steps = 0;
  Snapshot current = base;
  for (const auto& update : updates) {
    auto next = after_update(current, update);
    std::map<std::string_view, const Document*> old;
    for (const auto& document : current) old.emplace(document->path, document.get());
    std::uint64_t documents = 0;
    std::uint64_t sections = 0;
    for (const auto& document : next) {
      const auto found = old.find(document->path);
      if (found != old.end() && found->second->text == document->text) continue;
      documents += document->text.size();
      sections += found == old.end()
                      ? document->text.size()
                      : assembler::amend(found->second->text, document->text).added_bytes;
    }
    const auto text = static_cast<double>(text_bytes(next));
    sum.of_documents += static_cast<double>(documents) / text;
    sum.of_sections += static_cast<double>(sections) / text;
    ++steps;
    current = std::move(next);
  }
  if (steps == 0) return {};
  return {sum.of_documents / static_cast<double>(steps),
          sum.of_sections / static_cast<double>(steps)};
}

}  // namespace foreword::tools
