// foreword kb history, rollback and export.
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tools/admin_connection.h"
#include "tools/commands.h"
#include "tools/kb_prewarm_report.h"

namespace foreword::tools {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// Of a version's id, as people read and type it.
constexpr std::size_t kIdDigits = 12;

std::string text_of(const json::value& object, std::string_view key) {
  return json::value_to<std::string>(object.at(key));
}

std::uint64_t number_of(const json::value& object, std::string_view key) {
  return object.at(key).to_number<std::uint64_t>();
}

int print_json(const json::value& answer) {
  fmt::print("{}\n", json::serialize(answer));
  return kDone;
}

void print_version(const json::value& version) {
  const auto changes = fmt::format("+{} ~{} -{}", number_of(version, "added"),
                                   number_of(version, "changed"), number_of(version, "removed"));
  fmt::print("{:<{}}  {:<20}  {:>9}  {:>11}  {:>6}  {:<14}  {}\n",
             text_of(version, "version").substr(0, kIdDigits), kIdDigits,
             text_of(version, "published").substr(0, 19) + "Z", number_of(version, "documents"),
             number_of(version, "text_bytes"), number_of(version, "layers"), changes,
             version.at("current").as_bool() ? "current" : "");
}

/// Below `folder`, or an Error: a path of the store is not trusted with this machine's files.
config::Result<fs::path> place_for(const fs::path& folder, const fs::path& path) {
  auto place = (folder / path).lexically_normal();
  const auto inside = place.lexically_relative(folder.lexically_normal());
  if (path.is_absolute() || inside.empty() || *inside.begin() == "..") {
    return config::Error{
        fmt::format("document '{}' would be written outside of {}: nothing more "
                    "is written",
                    path.string(), folder.string())};
  }
  // By its side: an Error can be made from a path too.
  return {boost::system::in_place_value, std::move(place)};
}

config::Result<void> write_document(const fs::path& folder, const json::value& document) {
  const auto place = place_for(folder, text_of(document, "path"));
  if (!place) return place.error();
  std::error_code failed;
  fs::create_directories(place->parent_path(), failed);
  std::ofstream file(*place, std::ios::binary);
  file << text_of(document, "text");
  file.close();
  if (file) return {};
  return config::Error{
      fmt::format("cannot write {}: look at the disk's space and permissions", place->string())};
}

}  // namespace

int show_kb_history(const StoreSource& store, const std::string& name, bool as_json) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("GET", "/api/kbs/" + name + "/history", "");
  if (!answer) return fail(answer.error().message);
  if (as_json) return print_json(*answer);
  fmt::print("{:<{}}  {:<20}  {:>9}  {:>11}  {:>6}  {:<14}\n", "version", kIdDigits, "published",
             "documents", "text bytes", "layers", "changes");
  for (const auto& version : answer->at("versions").as_array()) print_version(version);
  return kDone;
}

int roll_back_kb(const StoreSource& store, const std::string& name, const RollBackQuestion& to) {
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  json::object question{{"prewarm", json::value_from(to.prewarm)}};
  if (!to.version.empty()) question["version"] = to.version;
  const auto answer = (*admin)("POST", "/api/kbs/" + name + "/rollback", json::serialize(question));
  if (!answer) return fail(answer.error().message);
  if (to.as_json) return print_json(*answer);
  const auto id = text_of(*answer, "version").substr(0, kIdDigits);
  if (!answer->at("changed").as_bool()) {
    fmt::print("{}: version {} is the current one already\n", name, id);
    return kDone;
  }
  fmt::print("{}: version {} is published again: {} documents, {} bytes of text\n", name, id,
             number_of(*answer, "documents"), number_of(*answer, "text_bytes"));
  fmt::print("its layers are what they were: what caches still hold of them is read\n");
  print_prewarmed(*answer);
  return kDone;
}

int export_kb(const StoreSource& store, const std::string& name, const fs::path& folder,
              bool as_json) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored)) {
    return fail(
        fmt::format("{} is there and is not an empty folder: name another one", folder.string()));
  }
  auto admin = connect_admin(store);
  if (!admin) return fail(admin.error().message);
  const auto answer = (*admin)("GET", "/api/kbs/" + name + "/documents", "");
  if (!answer) return fail(answer.error().message);
  const auto& documents = answer->at("documents").as_array();
  for (const auto& document : documents) {
    if (const auto written = write_document(folder, document); !written) {
      return fail(written.error().message);
    }
  }
  if (as_json) return print_json({{"name", name}, {"documents", documents.size()}});
  fmt::print("{}: {} documents written to {}\n", name, documents.size(), folder.string());
  return kDone;
}

}  // namespace foreword::tools
