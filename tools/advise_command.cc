#include <chrono>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cache/finetune_claims.h"
#include "config/models.h"
#include "proxy/advice_json.h"
#include "proxy/time_text.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/period.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

constexpr const char* kEstimates[] = {"low", "typical", "high"};
constexpr std::pair<const char*, const char*> kKinds[] = {{"self_hosted", "fine-tune, rented GPUs"},
                                                          {"managed", "fine-tune, per token"},
                                                          {"dedicated", "fine-tune, dedicated"}};

std::string text_of(const json::value& object, std::string_view key) {
  return json::value_to<std::string>(object.at(key));
}

/// For people: the JSON has every digit.
std::string rounded(const json::value& object, std::string_view key, double scale = 1) {
  return fmt::format("{:.2f}", std::stod(text_of(object, key)) * scale);
}

std::string millions(const json::value& tokens) {
  return tokens.is_null() ? "never" : fmt::format("{:.2f}M", tokens.to_number<double>() / 1e6);
}

void print_bills(const json::value& advice) {
  const auto& month = advice.at("month");
  fmt::print("\n{:<26} {:>12} {:>12} {:>12}   USD a month\n", "", "low", "typical", "high");
  fmt::print("{:<26} {:>12} {:>12} {:>12}\n", "paid", "", rounded(month, "actual_usd"), "");
  fmt::print("{:<26} {:>12} {:>12} {:>12}\n", "without caching", "", rounded(month, "uncached_usd"),
             "");
  for (const auto& [key, name] : kKinds) {
    fmt::print("{:<26}", name);
    for (const auto* estimate : kEstimates) {
      fmt::print(" {:>12}", rounded(advice.at("finetune").at(key).at(estimate), "total_usd"));
    }
    fmt::print("\n");
  }
  const auto& own = advice.at("finetune").at("self_hosted").at("typical");
  fmt::print("Rented GPUs, typical: {} x {} {}, people {}, training {}, tools {}.\n",
             own.at("machines").to_number<std::uint64_t>(), text_of(advice, "hardware"),
             rounded(own, "serving_usd"), rounded(own, "people_usd"), rounded(own, "training_usd"),
             rounded(own, "tools_usd"));
}

void print_models(const json::value& models) {
  fmt::print("\n{:<26} {:>12} {:>12} {:>12} {:>12}   output tokens a month\n", "break-even", "now",
             "low", "typical", "high");
  for (const auto& model : models.as_array()) {
    const auto& at = model.at("break_even_output_tokens").at("self_hosted");
    fmt::print("{:<26} {:>12} {:>12} {:>12} {:>12}\n", text_of(model, "model"),
               millions(model.at("month_output_tokens")), millions(at.at("low")),
               millions(at.at("typical")), millions(at.at("high")));
  }
  fmt::print("On rented GPUs, were all traffic like this model's.\n");
  for (const auto& model : models.as_array()) {
    const auto& kb = model.at("kb_per_request");
    if (kb.is_null()) continue;
    fmt::print("The whole knowledge base on {}: {} tokens, {} cents warm, {} cold: {} ten cents.\n",
               text_of(model, "model"), kb.at("tokens").to_number<std::uint64_t>(),
               rounded(kb, "warm_usd", 100), rounded(kb, "cold_usd", 100),
               kb.at("warm_within_ten_cents").as_bool() ? "warm, within" : "more than");
  }
}

void print_cases(const json::value& cases) {
  if (cases.as_array().empty()) return;
  fmt::print("\nA fine-tune is right all the same for:\n");
  for (const auto& entry : cases.as_array()) {
    fmt::print("  {}: {}; {}\n", text_of(entry, "case"), text_of(entry, "finding"),
               text_of(entry, "evidence"));
  }
}

void print_assumptions(const json::value& assumptions) {
  fmt::print("\nAssumed (low, typical, high; each can be set in [finetune]):\n");
  for (const auto& entry : assumptions.as_array()) {
    fmt::print("  {:<34} {:>9} {:>9} {:>9}  {}\n", text_of(entry, "key"), text_of(entry, "low"),
               text_of(entry, "typical"), text_of(entry, "high"), text_of(entry, "source"));
  }
}

void print_advice(const json::value& advice) {
  fmt::print("{}\n", text_of(advice, "sentence"));
  if (!advice.at("scaling").is_null()) fmt::print("{}\n", text_of(advice, "scaling"));
  if (const auto count = advice.at("left_out_unpriced").to_number<std::uint64_t>(); count > 0) {
    fmt::print("{} requests have no price and are left out.\n", count);
  }
  if (!advice.at("models").as_array().empty()) {
    print_bills(advice);
    print_models(advice.at("models"));
  }
  print_cases(advice.at("cases"));
  print_assumptions(advice.at("assumptions"));
}

int show_claims(bool as_json) {
  const auto claims =
      cache::finetune_claims(config::ModelTable::built_in(), std::chrono::system_clock::now());
  if (!claims) return fail(claims.error().message);
  const json::value answer = proxy::to_json(*claims);
  if (as_json) {
    fmt::print("{}\n", json::serialize(answer));
    return kDone;
  }
  fmt::print("A knowledge base in every request:\n");
  for (const auto& claim : answer.at("kb").as_array()) {
    fmt::print("  {}\n", text_of(claim, "sentence"));
  }
  fmt::print("\nAn A100 at 400 to 800 USD a month beside gpt-5-mini:\n");
  for (const auto& claim : answer.at("break_even").as_array()) {
    fmt::print("  {:<25} {}\n", text_of(claim, "mix"), text_of(claim, "sentence"));
  }
  fmt::print("{}\n", text_of(answer, "explanation"));
  return kDone;
}

}  // namespace

int show_advice(const StoreSource& store, const AdviceQuestion& question) {
  if (question.claims) return show_claims(question.as_json);
  std::string target = "/api/advice";
  if (!question.since.empty()) {
    const auto period = parse_period(question.since);
    if (!period) {
      fail(std::string(kPeriodForm));
      return kUsage;
    }
    target += "?from=" + proxy::to_rfc3339(std::chrono::system_clock::now() - *period);
  }
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("GET", target, "");
  if (!answer) return fail(answer.error().message);
  if (question.as_json) {
    fmt::print("{}\n", json::serialize(*answer));
  } else {
    print_advice(*answer);
  }
  return kDone;
}

}  // namespace foreword::tools
