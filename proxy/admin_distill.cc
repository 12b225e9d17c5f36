#include "proxy/admin_distill.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "assembler/training_line.h"
#include "cache/captures.h"
#include "config/limits.h"
#include "proxy/admin_query.h"
#include "proxy/capture_writer.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view kPath = "/api/distill";
constexpr std::string_view kExamples = "/api/distill/examples";
/// Looked at for one page, where few of them become lines: some tenths of a second.
constexpr std::size_t kLookedAtForAPage = config::limits::kMostExampleLines;

json::string_view key_of(std::string_view name) {
  return {name.data(), name.size()};
}

config::Result<cache::CaptureSelection> read_selection(std::string_view query) {
  cache::CaptureSelection selection;
  if (!read_range(query, selection.range)) return config::Error{std::string(kRangeForm)};
  selection.label = query_parameter(query, "label");
  return selection;
}

struct PageQuestion {
  cache::CaptureSelection selection;
  assembler::TrainingFormat format = assembler::TrainingFormat::openai;
  std::optional<cache::RequestId> first;
  std::size_t limit = config::limits::kExampleLines;
};

config::Result<PageQuestion> read_question(std::string_view query) {
  PageQuestion question;
  auto selection = read_selection(query);
  if (!selection) return selection.error();
  question.selection = *std::move(selection);
  if (const auto name = query_parameter(query, "format")) {
    const auto format = assembler::parse_training_format(*name);
    if (!format) return config::Error{"format is one of openai, sharegpt, bedrock"};
    question.format = *format;
  }
  const auto limit =
      read_limit(query, config::limits::kExampleLines, config::limits::kMostExampleLines);
  if (!limit) {
    return config::Error{
        fmt::format("limit is a number from 1 to {}", config::limits::kMostExampleLines)};
  }
  question.limit = *limit;
  if (const auto text = query_parameter(query, "first")) {
    question.first = cache::parse_request_id(*text);
    if (!question.first) return config::Error{"first is the id of a request"};
  }
  return question;
}

/// What one answer holds.
struct Page {
  json::array lines;
  std::size_t bytes = 0;
  std::size_t looked_at = 0;
  std::map<std::string_view, std::uint64_t> left_out;
  std::optional<cache::RequestId> next;

  [[nodiscard]] bool full(std::size_t limit) const {
    return lines.size() == limit || bytes >= config::limits::kExamplePageBytes ||
           looked_at == kLookedAtForAPage;
  }
  void add(const cache::CaptureView& view, assembler::TrainingFormat format) {
    ++looked_at;
    if (view.other_label) return;
    if (!view.capture) {
      ++left_out[view.other_key ? "other_key" : "damaged"];
      return;
    }
    const auto& capture = *view.capture;
    bytes += (capture.prompt.size() + capture.answer.size()) / 4;  // reading them takes time too
    assembler::ExampleSource source;
    source.operation = capture.operation;
    source.prompt = capture.prompt;
    source.answer = capture.answer;
    source.events = capture.events;
    const auto example = assembler::read_example(source);
    const auto line = example ? assembler::training_line(*example, format)
                              : assembler::ExampleResult<std::string>(example.error());
    if (!line) {
      ++left_out[assembler::name_of(line.error())];
      return;
    }
    bytes += line->size();
    lines.emplace_back(*line);
  }
};

json::object counts_of(const std::map<std::string_view, std::uint64_t>& counts) {
  json::object out;
  for (const auto& [name, count] : counts) out[key_of(name)] = count;
  return out;
}

}  // namespace

bool AdminDistill::knows(std::string_view path) {
  return path == kPath || path == kExamples;
}

AdminResponse AdminDistill::answer(std::string_view method, std::string_view path,
                                   std::string_view query) {
  if (services_.capture_writer != nullptr) services_.capture_writer->flush();
  const bool reads = method == "GET" || method == "HEAD";
  if (path == kExamples) {
    return reads ? examples(query) : error_response(405, "this path takes GET");
  }
  if (reads) return show();
  if (method == "DELETE") return remove(query);
  return error_response(405, "this path takes GET and DELETE");
}

AdminResponse AdminDistill::show() const {
  const auto totals = services_.captures->totals();
  if (!totals) return failed_response(totals.error());
  const auto& settings = services_.settings.distill;
  json::array labels;
  for (const auto& label : settings.labels) labels.emplace_back(label);
  json::array stored;
  for (const auto& [label, records] : totals->by_label) {
    stored.push_back(json::object{{"label", label}, {"prompts", records}});
  }
  json::object dropped;
  std::uint64_t captured = 0;
  if (services_.capture_writer != nullptr) {
    const auto counts = services_.capture_writer->counts();
    captured = counts.captured;
    for (std::size_t i = 0; i < kCaptureLosses; ++i) {
      dropped[key_of(name_of(static_cast<CaptureLoss>(i)))] = counts.dropped[i];
    }
  }
  return json_response(200, {{"labels", std::move(labels)},
                             {"has_key", services_.captures->has_key()},
                             {"prompts", totals->records},
                             {"bytes", totals->bytes},
                             {"max_bytes", settings.max_bytes},
                             {"other_key", totals->other_key},
                             {"stored", std::move(stored)},
                             {"captured", captured},
                             {"dropped", std::move(dropped)}});
}

AdminResponse AdminDistill::remove(std::string_view query) {
  const auto selection = read_selection(query);
  if (!selection) return error_response(400, selection.error().message);
  const auto& [range, label] = *selection;
  const bool some = range.from || range.to || label;
  if (!some && query_parameter(query, "all") != "1") {
    return error_response(400, "say which: label, from or to; or all=1");
  }
  const auto removed = services_.captures->remove(*selection);
  if (!removed) return failed_response(removed.error());
  return json_response(200, {{"removed", *removed}});
}

AdminResponse AdminDistill::examples(std::string_view query) const {
  const auto question = read_question(query);
  if (!question) return error_response(400, question.error().message);
  if (!services_.captures->has_key()) {
    return error_response(409,
                          "what was captured cannot be read without its key: name the variable "
                          "that holds it with distill.key_env");
  }
  Page page;
  const auto done = services_.captures->for_each(question->selection, question->first,
                                                 [&](cache::CaptureView&& view) {
                                                   if (page.full(question->limit)) {
                                                     page.next = view.id;
                                                     return false;
                                                   }
                                                   page.add(view, question->format);
                                                   return true;
                                                 });
  if (!done) return failed_response(done.error());
  return json_response(200,
                       {{"lines", std::move(page.lines)},
                        {"left_out", counts_of(page.left_out)},
                        {"next", page.next ? json::value(cache::to_text(*page.next)) : nullptr}});
}

}  // namespace foreword::proxy
