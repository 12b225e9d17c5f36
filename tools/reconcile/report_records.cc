#include "tools/reconcile/report_records.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "proxy/time_text.h"
#include "tools/csv_reader.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;
using config::Error;
using config::Result;

Error no_report(std::string_view why) {
  return Error{fmt::format("{}; {}", why, kReportForms)};
}

/// Seconds since 1970, in a range that every clock has.
std::optional<config::TimePoint> unix_time(std::string_view text) {
  std::int64_t seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, seconds);
  constexpr std::int64_t kMost = 100'000'000'000;
  if (failure != std::errc() || stop != end || seconds < 0 || seconds > kMost) return std::nullopt;
  return config::TimePoint(std::chrono::seconds(seconds));
}

std::string text_of(const json::value& value) {
  if (value.is_string()) return json::value_to<std::string>(value);
  // The shortest decimal that is this double: what it was before it was written as JSON.
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

void flatten(const json::object& object, const std::string& prefix, ReportRecord& record) {
  for (const auto& [key, value] : object) {
    auto name = prefix + std::string(key);
    if (value.is_object()) {
      flatten(value.get_object(), name + ".", record);
    } else if (!value.is_null() && !value.is_array()) {
      record.fields.emplace(std::move(name), text_of(value));
    }
  }
}

std::optional<Covered> bucket_of(const json::object& bucket) {
  const auto at = [&](std::string_view key) -> std::optional<std::string> {
    const auto* value = bucket.if_contains(key);
    return value == nullptr ? std::nullopt : std::optional(text_of(*value));
  };
  std::optional<config::TimePoint> from;
  std::optional<config::TimePoint> to;
  if (const auto start = at("starting_at"), end = at("ending_at"); start && end) {
    from = proxy::parse_rfc3339(*start);
    to = proxy::parse_rfc3339(*end);
  } else if (const auto begin = at("start_time"), until = at("end_time"); begin && until) {
    from = unix_time(*begin);
    to = unix_time(*until);
  }
  if (!from || !to || *from >= *to) return std::nullopt;
  return Covered{*from, *to};
}

/// Adds what is read to `records`, and refuses what was there before: a page that was given twice
/// would count twice.
class JsonReader {
 public:
  Result<void> read(const json::value& page) {
    if (page.is_array()) {
      for (const auto& inner : page.get_array()) {
        if (const auto done = read(inner); !done) return done;
      }
      return {};
    }
    const auto* object = page.if_object();
    const auto* data = object == nullptr ? nullptr : object->if_contains("data");
    if (data == nullptr || !data->is_array()) return no_report("it has no \"data\" of buckets");
    for (const auto& bucket : data->get_array()) {
      if (const auto done = read_bucket(bucket); !done) return done;
    }
    const auto* more = object->if_contains("has_more");
    records_.has_more = more != nullptr && more->is_bool() && more->get_bool();
    return {};
  }
  ReportRecords take() { return std::move(records_); }

 private:
  Result<void> read_bucket(const json::value& value) {
    const auto* object = value.if_object();
    const auto* results = object == nullptr ? nullptr : object->if_contains("results");
    const auto bucket = object == nullptr ? std::nullopt : bucket_of(*object);
    if (!bucket || results == nullptr || !results->is_array()) {
      return no_report("a bucket has no start, end and \"results\"");
    }
    records_.buckets.push_back(*bucket);
    for (const auto& result : results->get_array()) {
      if (!result.is_object()) return no_report("a result is no JSON object");
      if (!seen_.emplace(bucket->from, json::serialize(result)).second) {
        return Error{fmt::format("the bucket of {} is there twice: give each page once",
                                 proxy::to_rfc3339(bucket->from))};
      }
      ReportRecord record;
      record.bucket = *bucket;
      flatten(result.get_object(), "", record);
      records_.records.push_back(std::move(record));
    }
    return {};
  }

  ReportRecords records_;
  std::set<std::pair<config::TimePoint, std::string>> seen_;
};

Result<ReportRecords> read_json(std::string_view file) {
  JsonReader reader;
  while (true) {
    const auto begin = file.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return reader.take();
    file.remove_prefix(begin);
    json::stream_parser parser;
    boost::system::error_code failure;
    const auto used = parser.write_some(file.data(), file.size(), failure);
    if (!failure && !parser.done()) parser.finish(failure);
    if (failure) return no_report("it is no JSON: " + failure.message());
    if (const auto done = reader.read(parser.release()); !done) return done.error();
    file.remove_prefix(used);
  }
}

std::optional<Covered> bucket_of(const ReportRecord& line) {
  const auto at = [&](std::string_view key) {
    const auto found = line.fields.find(key);
    return found == line.fields.end() ? std::string_view() : std::string_view(found->second);
  };
  constexpr std::size_t kDay = std::string_view("2026-11-23").size();
  if (const auto day = at("usage_date_utc"); !day.empty()) {
    const auto from = proxy::parse_rfc3339(day.substr(0, kDay));
    if (from) return Covered{*from, *from + std::chrono::hours(24)};
    return std::nullopt;
  }
  const auto from = unix_time(at("start_time"));
  const auto to = unix_time(at("end_time"));
  if (!from || !to || *from >= *to) return std::nullopt;
  return Covered{*from, *to};
}

Result<ReportRecords> read_csv_report(std::string_view file) {
  auto rows = read_csv(file);
  if (!rows) return no_report(rows.error().message);
  if (rows->empty()) return no_report("it is empty");
  const CsvRow names = rows->front();
  ReportRecords report;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    ReportRecord record;
    const auto& row = rows->at(i);
    for (std::size_t column = 0; column < row.size() && column < names.size(); ++column) {
      if (!row[column].empty()) record.fields.emplace(names[column], row[column]);
    }
    const auto bucket = bucket_of(record);
    if (!bucket) return no_report(fmt::format("row {} of the CSV has no day or time", i + 1));
    record.bucket = *bucket;
    report.buckets.push_back(*bucket);
    report.records.push_back(std::move(record));
  }
  return report;
}

}  // namespace

Result<ReportRecords> read_report_records(std::string_view file) {
  const auto begin = file.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return no_report("it is empty");
  const bool is_json = file[begin] == '{' || file[begin] == '[';
  return is_json ? read_json(file) : read_csv_report(file);
}

}  // namespace foreword::tools
