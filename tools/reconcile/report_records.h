// A provider's report as a list of named values, whether it came as JSON or as CSV.
//
// Pure functions over bytes, thread-safe; what they make is as large as the report.
//
// JSON: pages of buckets, {"data": [{start, end, "results": [{...}]}], "has_more": ...}, one, an
// array of them, or one after the other (as `cat page*.json` makes them). Buckets of Anthropic's
// Admin API have "starting_at" and "ending_at" (RFC 3339), those of OpenAI's "start_time" and
// "end_time" (seconds since 1970).
//   platform.claude.com/docs/en/api/admin/usage_report/retrieve_messages (2026-11)
//   platform.claude.com/docs/en/api/admin/cost_report (2026-11)
//   platform.openai.com/docs/api-reference/usage/completions, .../usage/costs (2026-11)
// CSV: a line for each result, with the names in the first line. The Claude Console's exports have
// "usage_date_utc"; OpenAI's dashboard exports have the fields of its API, "start_time",
// "end_time", and only those where a bucket is empty. Both are as their users publish them (2026);
// neither provider documents them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/models.h"
#include "config/result.h"

namespace foreword::tools {

/// Half-open.
struct Covered {
  config::TimePoint from;
  config::TimePoint to;
};

struct ReportRecord {
  Covered bucket;
  /// By name, with a dot where JSON has an object in an object ("amount.value"). Null and empty
  /// values are left out; numbers are their own text.
  std::map<std::string, std::string, std::less<>> fields;
};

struct ReportRecords {
  std::vector<Covered> buckets;  // in the order of the file, empty ones too
  std::vector<ReportRecord> records;
  bool has_more = false;  // the last page says that there is another one
};

/// What is expected, in one line, for whoever brings something else.
inline constexpr std::string_view kReportForms =
    "expected: JSON of Anthropic's usage_report/messages or cost_report or of OpenAI's "
    "organization/usage/completions or organization/costs, or a CSV export of the Claude Console "
    "or of OpenAI's dashboard";

/// The Error is one line, with kReportForms where the file is none of them.
[[nodiscard]] config::Result<ReportRecords> read_report_records(std::string_view file);

}  // namespace foreword::tools
