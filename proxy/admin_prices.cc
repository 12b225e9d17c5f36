#include "proxy/admin_prices.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/price_imports.h"
#include "cache/reprice.h"
#include "config/price_text.h"
#include "proxy/price_report.h"
#include "proxy/row.h"
#include "proxy/time_text.h"

namespace foreword::proxy {
namespace {

namespace json = boost::json;

constexpr std::string_view kPath = "/api/prices";
constexpr std::string_view kCheck = "/api/prices/check";
constexpr std::string_view kReprice = "/api/prices/reprice";

/// Some tenths of a second, so that who asks can show how far it is.
constexpr std::size_t kRowsAtOnce = 20'000;
/// Rows of requests that ended while the prices changed may have been priced by the old ones and
/// come after the first look.
constexpr std::chrono::hours kLookedAtTwice{1};
constexpr std::size_t kMaxFileNameBytes = 256;
/// Four times all that LiteLLM's file names, of all providers.
constexpr std::size_t kMaxModels = 10'000;

struct ImportOrder {
  config::PriceImport import;
  bool apply = false;
};

config::Result<json::object> read_object(std::string_view body) {
  boost::system::error_code failure;
  auto parsed = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure || !parsed.is_object()) return config::Error{"the body has to be a JSON object"};
  return std::move(parsed.get_object());
}

config::Result<ImportOrder> read_order(std::string_view body) {
  auto root = read_object(body);
  if (!root) return root.error();
  ImportOrder order;
  const auto* file = root->if_contains("file");
  if (file == nullptr || !file->is_string() || file->get_string().size() > kMaxFileNameBytes) {
    return config::Error{"\"file\" has to be the name of the file that the prices are from"};
  }
  order.import.file = std::string(file->get_string());
  if (const auto* from = root->if_contains("from"); from != nullptr && !from->is_null()) {
    order.import.from = from->is_string() ? config::parse_date(from->get_string()) : std::nullopt;
    if (!order.import.from || *order.import.from < config::TimePoint{}) {
      return config::Error{"\"from\" has to be a day, YYYY-MM-DD, from 1970 on"};
    }
  }
  if (const auto* apply = root->if_contains("apply")) {
    if (!apply->is_bool()) return config::Error{"\"apply\" has to be true or false"};
    order.apply = apply->get_bool();
  }
  const auto* models = root->if_contains("models");
  if (models == nullptr) return config::Error{"\"models\" has to be an array of prices"};
  if (models->is_array() && models->get_array().size() > kMaxModels) {
    return config::Error{fmt::format("\"models\" has more than {} entries", kMaxModels)};
  }
  auto offers = config::parse_offers(json::serialize(*models));
  if (!offers) return offers.error();
  order.import.offers = std::move(*offers);
  return order;
}

/// How the models of an import were judged.
struct Judged {
  std::array<std::uint64_t, 4> counts{};
  json::array models;
  std::vector<config::PriceOffer> taken;
};

Judged judge(const config::ModelTable& table, const config::PriceImport& import) {
  Judged judged;
  for (const auto& offer : import.offers) {
    const auto weighed = config::weigh(table, offer, import);
    ++judged.counts.at(static_cast<std::size_t>(weighed.verdict));
    judged.models.push_back(to_json(offer, weighed));
    const bool takes =
        weighed.verdict == config::Verdict::added || weighed.verdict == config::Verdict::changed;
    if (takes) judged.taken.push_back(offer);
  }
  return judged;
}

}  // namespace

config::Result<std::unique_ptr<config::LiveModels>> load_prices(const cache::Store& store,
                                                                const config::ModelTable& first) {
  const auto imports = cache::list_price_imports(store);
  if (!imports) return imports.error();
  auto live = std::make_unique<config::LiveModels>(first);
  if (!imports->empty()) live->replace(config::with_imports(first, *imports));
  return live;
}

bool AdminPrices::knows(std::string_view path) {
  return path == kPath || path == kCheck || path == kReprice;
}

AdminResponse AdminPrices::answer(std::string_view method, std::string_view path,
                                  std::string_view query, std::string body) {
  const bool reads = method == "GET" || method == "HEAD";
  if (path == kReprice) {
    if (method != "POST") return error_response(405, "this path takes POST");
    return reprice(body);
  }
  if (path == kPath && method == "POST") return import(body);
  if (!reads) {
    return error_response(405,
                          path == kPath ? "this path takes GET and POST" : "this path takes GET");
  }
  return path == kCheck ? check(query) : show(query);
}

AdminResponse AdminPrices::show(std::string_view query) const {
  auto at = services_.now();
  if (const auto text = query_parameter(query, "at")) {
    const auto parsed = parse_rfc3339(*text);
    if (!parsed) return error_response(400, "at is a day, or an RFC 3339 time in UTC");
    at = *parsed;
  }
  const auto& table = services_.models.now();
  if (const auto model = query_parameter(query, "model")) {
    const auto found = price_json(table, *model, at);
    if (!found) return error_response(404, found.error().message);
    return json_response(200, *found);
  }
  const auto imports = cache::list_price_imports(store_);
  if (!imports) return failed_response(imports.error());
  return json_response(200, prices_json(table, *imports, at));
}

AdminResponse AdminPrices::check(std::string_view query) const {
  config::CheckQuestion question;
  question.today = services_.now();
  if (const auto text = query_parameter(query, "max_age_days")) {
    constexpr int kMost = 36'500;
    int count = 0;
    const auto* end = text->data() + text->size();
    const auto [stop, failure] = std::from_chars(text->data(), end, count);
    if (failure != std::errc() || stop != end || count < 0 || count > kMost) {
      return error_response(400, fmt::format("max_age_days is a number from 0 to {}", kMost));
    }
    question.oldest = std::chrono::days(count);
  }
  return json_response(200, check_json(services_.models.now(), question));
}

AdminResponse AdminPrices::import(std::string_view body) {
  auto order = read_order(body);
  if (!order) return error_response(400, order.error().message);
  order->import.imported = services_.now();
  const auto changing = store_.one_change_at_a_time();
  auto judged = judge(services_.models.now(), order->import);
  const bool applies = order->apply && !judged.taken.empty();
  if (applies) {
    auto taken = order->import;
    taken.offers = std::move(judged.taken);
    const auto done = apply(taken);
    if (!done) return failed_response(done.error());
  }
  const auto count = [&](config::Verdict verdict) {
    return judged.counts.at(static_cast<std::size_t>(verdict));
  };
  const auto day = order->import.from.value_or(order->import.imported);
  return json_response(200, {{"applied", applies},
                             {"table", services_.models.now().version()},
                             {"from", config::date_text(day)},
                             {"added", count(config::Verdict::added)},
                             {"changed", count(config::Verdict::changed)},
                             {"same", count(config::Verdict::same)},
                             {"refused", count(config::Verdict::refused)},
                             {"models", std::move(judged.models)}});
}

config::Result<void> AdminPrices::apply(const config::PriceImport& taken) {
  const auto stored = cache::put_price_import(store_, taken);
  if (!stored) return stored;
  const auto imports = cache::list_price_imports(store_);
  if (!imports) return imports.error();
  services_.models.replace(config::with_imports(services_.models.first(), *imports));
  return {};
}

AdminResponse AdminPrices::reprice(std::string_view body) {
  const auto root = read_object(body);
  if (!root) return error_response(400, root.error().message);
  cache::RepriceQuestion question;
  question.rows = kRowsAtOnce;
  question.running_since = started_;
  if (const auto* first = root->if_contains("first"); first != nullptr && !first->is_null()) {
    if (first->is_string()) question.first = cache::parse_request_id(first->get_string());
    if (!question.first) return error_response(400, "\"first\" has to be the id of a request");
  }
  services_.ledger.flush();
  const auto price = [&](cache::LedgerRow& row) { price_stored_row(services_.models.now(), row); };
  auto done = cache::reprice(store_, services_.ledger, question, price);
  if (!done) return failed_response(done.error());
  if (!done->next) {
    services_.ledger.flush();
    question.first = cache::first_id_at(services_.now() - kLookedAtTwice);
    const auto again = cache::reprice(store_, services_.ledger, question, price);
    if (!again) return failed_response(again.error());
    done->priced += again->priced;
  }
  services_.ledger.flush();
  return json_response(200,
                       {{"looked_at", done->looked_at},
                        {"priced", done->priced},
                        {"unpriced", done->unpriced},
                        {"next", done->next ? json::value(cache::to_text(*done->next)) : nullptr}});
}

}  // namespace foreword::proxy
