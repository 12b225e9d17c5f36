#include <cstdio>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "config/number_text.h"
#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/kb_load.h"
#include "tools/kb_prewarm_report.h"
#include "tools/kb_report.h"
#include "tools/wait_for_signal.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;

std::string_view text_of(const json::value& object, std::string_view key) {
  const auto& text = object.at(key).as_string();
  return std::string_view(text.data(), text.size());
}

std::uint64_t number_of(const json::value& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

void print_summary(const json::value& kb) {
  fmt::print("{}: {} documents, {} bytes of text, version {}\n", text_of(kb, "name"),
             number_of(kb, "documents"), number_of(kb, "text_bytes"),
             text_of(kb, "version").substr(0, 12));
}

int print_json(const json::value& answer) {
  fmt::print("{}\n", json::serialize(answer));
  return kDone;
}

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
}

void print_loaded(const json::value& kb) {
  print_summary(kb);
  print(describe_change_counts(kb));
  if (kb.at("changed").as_bool()) {
    fmt::print("caches have to write {} of {} bytes\n",
               config::with_commas(number_of(kb, "rewritten_bytes")),
               config::with_commas(number_of(kb, "text_bytes")));
  }
  print(describe_costs_shortly(kb));
  fmt::print("attach it by base URL: .../kb/{} (Anthropic, Gemini), .../kb/{}/v1 (OpenAI)\n",
             text_of(kb, "name"), text_of(kb, "name"));
  print_prewarmed(kb);
}

void print_diff(const json::value& kb) {
  print_summary(kb);
  print(describe_change_counts(kb));
  print(describe_changes(kb));
  print(describe_layers(kb) + "\n");
  print(describe_costs(kb));
  const auto update = describe_update_costs(kb);
  if (!update.empty()) print("\n" + update);
  if (!kb.at("refused").is_null()) {
    fmt::print("\n`foreword kb load` would refuse it: {}\n", text_of(kb, "refused"));
  }
}

std::optional<int> refuse_name(const std::string& name) {
  if (config::is_kb_name(name)) return std::nullopt;
  return fail("'" + name +
              "' is no name for a knowledge base: letters, digits, '.', '_' and '-', at most 64, "
              "not 'none'");
}

}  // namespace

int load_kb(const StoreSource& store, const LoadQuestion& question) {
  if (const auto bad = refuse_name(question.kb)) return *bad;
  // Before a store starts threads, which would be ended by them.
  if (question.watch) block_stop_signals();
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  return load_into(*admin, question, print_loaded);
}

int diff_kb(const StoreSource& store, const LoadQuestion& question) {
  if (const auto bad = refuse_name(question.kb)) return *bad;
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  return compare_with(*admin, question, print_diff);
}

int list_kbs(const StoreSource& store, bool as_json) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("GET", "/api/kbs", "");
  if (!answer) return fail(answer.error().message);
  if (as_json) return print_json(*answer);
  const auto& kbs = answer->at("kbs").as_array();
  if (kbs.empty())
    fmt::print("no knowledge bases: load one with `foreword kb load NAME PATH...`\n");
  for (const auto& kb : kbs) print_summary(kb);
  return kDone;
}

int show_kb(const StoreSource& store, const std::string& name, bool as_json) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("GET", "/api/kbs/" + name, "");
  if (!answer) return fail(answer.error().message);
  if (as_json) return print_json(*answer);
  print_summary(*answer);
  fmt::print("published {}\n\ndocuments:\n", text_of(*answer, "published"));
  for (const auto& document : answer->at("document_list").as_array()) {
    fmt::print("  {:>9}  {}\n", number_of(document, "bytes"), text_of(document, "path"));
  }
  print("\nlayers:\n" + describe_layers(*answer) + "\n" + describe_costs(*answer));
  return kDone;
}

int remove_kb(const StoreSource& store, const std::string& name) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("DELETE", "/api/kbs/" + name, "");
  if (!answer) return fail(answer.error().message);
  fmt::print("removed {}\n", name);
  for (const auto& key : answer->at("still_attached_by").as_array()) {
    fmt::print(
        "{} still names it: until you change that or load it again, those requests get 404\n",
        std::string_view(key.as_string()));
  }
  return kDone;
}

}  // namespace foreword::tools
