#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/distill_pages.h"
#include "tools/period.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

bool write_line(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
         std::fputc('\n', stdout) != EOF;
}

std::string text_of(const json::value& value) {
  return json::value_to<std::string>(value);
}

std::string joined(const json::array& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + text_of(name);
  return text;
}

void print_status(const json::value& status) {
  const auto& labels = status.at("labels").as_array();
  fmt::print("captured: {}\n", labels.empty() ? "nothing, distill.labels names none"
                                              : "requests with label " + joined(labels));
  fmt::print("stored:   {} prompts with their answers, {} of at most {} bytes\n",
             status.at("prompts").to_number<std::uint64_t>(),
             status.at("bytes").to_number<std::uint64_t>(),
             status.at("max_bytes").to_number<std::uint64_t>());
  for (const auto& stored : status.at("stored").as_array()) {
    fmt::print("{:>9} {}\n", stored.at("prompts").to_number<std::uint64_t>(),
               text_of(stored.at("label")));
  }
  const auto other = status.at("other_key").to_number<std::uint64_t>();
  if (other > 0) {
    fmt::print("{} of them {}\n", other,
               status.at("has_key").as_bool() ? "are sealed with another key"
                                              : "cannot be read: distill.key_env names no key");
  }
  for (const auto& dropped : status.at("dropped").as_object()) {
    const auto count = dropped.value().to_number<std::uint64_t>();
    if (count > 0) fmt::print("dropped:  {} {}\n", count, std::string_view(dropped.key()));
  }
}

}  // namespace

int export_examples(const StoreSource& store, const DistillExportQuestion& question) {
  auto range = read_period(question.period, std::chrono::system_clock::now());
  if (!range) {
    fail(range.error().message);
    return kUsage;
  }
  const auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const DistillQuestion asked{*std::move(range), question.label, question.format};
  bool written = true;
  const auto done = for_each_example(*admin, asked, [&](std::string_view line) {
    written = write_line(line);
    return written;
  });
  if (!done) return fail(done.error().message);
  if (!written || std::fflush(stdout) != 0) return fail("not all examples could be written");
  fmt::print(stderr, "{}\n", summary_of(*done));
  return kDone;
}

int show_captures(const StoreSource& store, bool as_json) {
  const auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto status = (*admin)("GET", "/api/distill", "");
  if (!status) return fail(status.error().message);
  if (as_json) {
    fmt::print("{}\n", json::serialize(*status));
  } else {
    print_status(*status);
  }
  return kDone;
}

int delete_captures(const StoreSource& store, const DistillDeleteQuestion& question) {
  const auto& [period, label, all] = question;
  const bool some = !period.since.empty() || !period.from.empty() || !period.to.empty();
  if (!some && label.empty() && !all) {
    fail("say which: --label, --from, --to, --since; or --all");
    return kUsage;
  }
  cache::TimeRange range;
  if (some) {
    const auto read = read_period(period, std::chrono::system_clock::now());
    if (!read) {
      fail(read.error().message);
      return kUsage;
    }
    range = *read;
  }
  const auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  auto query = selection_query(range, label);
  if (query.empty()) query = "?all=1";
  const auto answer = (*admin)("DELETE", "/api/distill" + query, "");
  if (!answer) return fail(answer.error().message);
  fmt::print("deleted {} prompts\n", answer->at("removed").to_number<std::uint64_t>());
  return kDone;
}

}  // namespace foreword::tools
