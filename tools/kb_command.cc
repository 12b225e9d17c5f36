#include <algorithm>
#include <cstdio>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/document_loader.h"
#include "tools/kb_prewarm_report.h"

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

std::string documents_body(std::vector<proxy::RawDocument> documents,
                           const std::vector<std::string>& prewarm) {
  json::array list;
  for (auto& [path, text] : documents) {
    list.push_back({{"path", path}, {"text", text}});
    text = std::string();
  }
  return json::serialize(
      json::object{{"documents", std::move(list)}, {"prewarm", json::value_from(prewarm)}});
}

void print_summary(const json::value& kb) {
  fmt::print("{}: {} documents, {} bytes of text, version {}\n", text_of(kb, "name"),
             number_of(kb, "documents"), number_of(kb, "text_bytes"),
             text_of(kb, "version").substr(0, 12));
}

void print_fit(const json::value& kb) {
  for (const auto& model : kb.at("models").as_array()) {
    fmt::print("  {:<24} about {:>9} tokens of {:>9}{}\n", text_of(model, "model"),
               number_of(model, "tokens_estimate"), number_of(model, "window"),
               model.at("fits").as_bool() ? "" : "  does not fit");
  }
}

int print_json(const json::value& answer) {
  fmt::print("{}\n", json::serialize(answer));
  return kDone;
}

void print_skipped(const std::vector<Skipped>& skipped) {
  for (const auto& [path, reason] : skipped) {
    fmt::print(stderr, "skipped {}: {}\n", path, reason);
  }
}

void print_loaded(const json::value& kb) {
  print_summary(kb);
  if (kb.at("changed").as_bool()) {
    fmt::print("caches have to write {} of these bytes\n", number_of(kb, "rewritten_bytes"));
  } else {
    fmt::print("unchanged: the same documents were already loaded\n");
  }
  const auto& models = kb.at("models").as_array();
  const auto misfits = std::ranges::count_if(
      models, [](const json::value& model) { return !model.at("fits").as_bool(); });
  if (misfits > 0) {
    fmt::print("does not fit the window of {} of {} known models: see `foreword kb show {}`\n",
               misfits, models.size(), text_of(kb, "name"));
  }
  fmt::print("attach it by base URL: .../kb/{} (Anthropic, Gemini), .../kb/{}/v1 (OpenAI)\n",
             text_of(kb, "name"), text_of(kb, "name"));
}

}  // namespace

int load_kb(const StoreSource& store, const std::string& name,
            const std::vector<std::filesystem::path>& paths, bool as_json,
            const std::vector<std::string>& prewarm) {
  if (!config::is_kb_name(name)) {
    return fail("'" + name +
                "' is no name for a knowledge base: letters, digits, '.', '_' and '-', at most 64, "
                "not 'none'");
  }
  auto loaded = load_documents(paths);
  if (!loaded) return fail(loaded.error().message);
  print_skipped(loaded->skipped);
  if (loaded->documents.empty()) return fail("no documents found: nothing was loaded");
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer =
      (*admin)("PUT", "/api/kbs/" + name, documents_body(std::move(loaded->documents), prewarm));
  if (!answer) return fail(answer.error().message);
  if (as_json) return print_json(*answer);
  print_loaded(*answer);
  print_prewarmed(*answer);
  return kDone;
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
  fmt::print("\nestimated size for each model:\n");
  print_fit(*answer);
  return kDone;
}

int remove_kb(const StoreSource& store, const std::string& name) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("DELETE", "/api/kbs/" + name, "");
  if (!answer) return fail(answer.error().message);
  fmt::print("removed {}\n", name);
  return kDone;
}

}  // namespace foreword::tools
