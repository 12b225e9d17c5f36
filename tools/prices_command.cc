#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <boost/url.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "config/models.h"
#include "config/price_text.h"
#include "proxy/price_report.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/litellm_prices.h"
#include "tools/prices_report.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

/// A price table is there without a proxy too: what is compiled in. `ask` is what to ask of it.
config::Result<json::value> ask_or_built_in(
    const StoreSource& store, const std::string& target,
    const std::function<config::Result<json::object>(const config::ModelTable&)>& ask) {
  auto admin = connect_admin(store);
  if (!admin) return admin.error();
  auto answer = (*admin)("GET", target, "");
  // Where somebody named a proxy or a store, its prices are meant and no others.
  const bool named = !store.data.empty() || !store.admin.empty();
  if (answer || named || (*admin)("GET", "/healthz", "")) return answer;
  fmt::print(stderr, "foreword: {}; these are the prices that are compiled in\n",
             answer.error().message);
  auto compiled = ask(config::ModelTable::built_in());
  if (!compiled) return compiled.error();
  return json::value(std::move(*compiled));
}

/// For a query: a name may be anything that somebody types.
std::string encoded(const std::string& text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

json::object order_of(const FilePrices& file, const ImportQuestion& question, bool apply) {
  return {{"file", std::filesystem::path(question.file).filename().string()},
          {"from", question.from.empty() ? json::value(nullptr) : json::value(question.from)},
          {"apply", apply},
          {"models", json::parse(config::offers_json(file.offers))}};
}

bool agreed() {
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) return false;
  fmt::print("Take these prices? [y/N] ");
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

struct RepricedRows {
  std::uint64_t looked_at = 0;
  std::uint64_t priced = 0;
  std::uint64_t unpriced = 0;
};

/// Goes through the ledger until its end; shows how far it is on a terminal.
config::Result<RepricedRows> reprice_all(const AdminConnection& admin) {
  RepricedRows rows;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  json::value next = nullptr;
  do {
    const auto answer =
        admin("POST", "/api/prices/reprice", json::serialize(json::object{{"first", next}}));
    if (!answer) return answer.error();
    rows.looked_at += answer->at("looked_at").to_number<std::uint64_t>();
    rows.priced += answer->at("priced").to_number<std::uint64_t>();
    rows.unpriced += answer->at("unpriced").to_number<std::uint64_t>();
    next = answer->at("next");
    if (terminal) fmt::print(stderr, "\r{} rows looked at, {} priced", rows.looked_at, rows.priced);
  } while (!next.is_null());
  if (terminal) fmt::print(stderr, "\r\x1b[K");
  return rows;
}

json::object to_json(const RepricedRows& rows) {
  return {{"looked_at", rows.looked_at}, {"priced", rows.priced}, {"unpriced", rows.unpriced}};
}

void print(const RepricedRows& rows) {
  fmt::print("{} rows looked at: {} that had no price have one now, {} still have none\n",
             rows.looked_at, rows.priced, rows.unpriced);
}

/// "from the day on" of what was taken, in a line.
void print_taken(const json::value& answer) {
  if (!answer.at("applied").as_bool()) {
    fmt::print("Nothing to take: the table has these prices.\n");
    return;
  }
  fmt::print("Taken: changed prices hold from {} on; the table is now {}.\n",
             std::string_view(answer.at("from").as_string()),
             std::string_view(answer.at("table").as_string()));
}

}  // namespace

int import_prices(const StoreSource& store, const ImportQuestion& question) {
  if (!question.from.empty() && !config::parse_date(question.from)) {
    fail("--from takes a day, YYYY-MM-DD");
    return kUsage;
  }
  const auto file = read_litellm_file(question.file);
  if (!file) return fail(file.error().message);
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto ask = [&](bool apply) {
    return (*admin)("POST", "/api/prices", json::serialize(order_of(*file, question, apply)));
  };
  const auto weighed = ask(question.apply);
  if (!weighed) return fail(weighed.error().message);
  auto answer = *weighed;
  if (!question.as_json) fmt::print("{}", import_report(*file, answer));
  if (!question.apply) {
    if (question.as_json) fmt::print("{}\n", json::serialize(import_json(*file, answer)));
    if (question.as_json) return kDone;
    const auto takes = answer.at("added").to_number<std::uint64_t>() +
                       answer.at("changed").to_number<std::uint64_t>();
    if (takes == 0) return kDone;
    if (!agreed()) {
      fmt::print("Nothing is taken; --apply takes it.\n");
      return kDone;
    }
    const auto applied = ask(true);
    if (!applied) return fail(applied.error().message);
    answer = *applied;
  }
  const auto rows = reprice_all(*admin);
  if (!rows) return fail(rows.error().message);
  if (question.as_json) {
    auto out = import_json(*file, answer);
    out["repriced"] = to_json(*rows);
    fmt::print("{}\n", json::serialize(out));
    return kDone;
  }
  print_taken(answer);
  print(*rows);
  return kDone;
}

int reprice(const StoreSource& store, bool as_json) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto rows = reprice_all(*admin);
  if (!rows) return fail(rows.error().message);
  if (as_json) {
    fmt::print("{}\n", json::serialize(to_json(*rows)));
  } else {
    print(*rows);
  }
  return kDone;
}

int show_price(const StoreSource& store, const std::string& model, const std::string& at,
               bool as_json) {
  const auto day = at.empty() ? std::optional(config::TimePoint(std::chrono::system_clock::now()))
                              : config::parse_date(at);
  if (!day) {
    fail("--at takes a day, YYYY-MM-DD");
    return kUsage;
  }
  const auto target = "/api/prices?model=" + encoded(model) + (at.empty() ? "" : "&at=" + at);
  const auto answer = ask_or_built_in(store, target, [&](const config::ModelTable& table) {
    return proxy::price_json(table, model, *day);
  });
  if (!answer) return fail(answer.error().message);
  fmt::print("{}", as_json ? json::serialize(*answer) + "\n" : price_report(*answer));
  return kDone;
}

int check_prices(const StoreSource& store, int max_age_days, bool as_json) {
  const auto target = fmt::format("/api/prices/check?max_age_days={}", max_age_days);
  const auto answer = ask_or_built_in(
      store, target, [&](const config::ModelTable& table) -> config::Result<json::object> {
        config::CheckQuestion question;
        question.today = std::chrono::system_clock::now();
        question.oldest = std::chrono::days(max_age_days);
        return proxy::check_json(table, question);
      });
  if (!answer) return fail(answer.error().message);
  fmt::print("{}", as_json ? json::serialize(*answer) + "\n" : check_report(*answer));
  return answer->at("errors").to_number<std::uint64_t>() == 0 ? kDone : kFailed;
}

}  // namespace foreword::tools
