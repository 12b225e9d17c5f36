#include "cache/store_files.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <rocksdb/db.h>
#include <sys/stat.h>

#include "cache/store_options.h"

namespace foreword::cache {
namespace {

namespace fs = std::filesystem;
using config::Error;
using config::Result;

Error failure(const fs::path& path, const std::error_code& code) {
  return Error{"cannot use the folder " + path.string() + " for the store: " + code.message() +
               "; name another one with store.path or --data"};
}

Result<void> make_folder(const fs::path& path) {
  fs::path made;
  for (const auto& part : path) {
    made /= part;
    std::error_code code;
    if (made.empty() || fs::exists(made, code)) continue;
    if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST) {
      return failure(made, std::error_code(errno, std::generic_category()));
    }
  }
  std::error_code code;
  if (fs::is_directory(path, code)) return {};
  return failure(path, code ? code : std::make_error_code(std::errc::not_a_directory));
}

/// What a fresh disk holds, or a first start that was killed before it had made the database.
bool is_of_no_account(std::string_view name) {
  return name == "lost+found" || name == "LOCK" || name == "IDENTITY" ||
         name.starts_with("MANIFEST-") || name.ends_with(".dbtmp");
}

Result<void> check_free(const fs::path& path) {
  std::error_code code;
  for (fs::directory_iterator at(path, code), end; !code && at != end; at.increment(code)) {
    if (is_of_no_account(at->path().filename().string())) continue;
    return Error{"the folder " + path.string() +
                 " is not empty and holds no store of foreword's; name an empty or a new one"};
  }
  if (code) return failure(path, code);
  return {};
}

/// True also for a database whose making was cut short: it is then made ours.
bool was_never_written(const fs::path& path) {
  rocksdb::DB* opened = nullptr;
  rocksdb::Options options(database_options(), rocksdb::ColumnFamilyOptions());
  options.create_if_missing = false;
  const auto status = rocksdb::DB::OpenForReadOnly(options, path.string(), &opened);
  const std::unique_ptr<rocksdb::DB> database(opened);
  return status.ok() && database->GetLatestSequenceNumber() == 0;
}

Result<void> check_families(const fs::path& path) {
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(database_options(), path.string(), &names);
  if (!status.ok()) {
    return Error{"cannot read the store at " + path.string() + ": " + status.ToString() +
                 "; restore it, or name another folder"};
  }
  const bool has_meta = std::find(names.begin(), names.end(), "meta") != names.end();
  if (!has_meta && !was_never_written(path)) {
    return Error{"the database at " + path.string() +
                 " is not foreword's; name another folder with store.path or --data"};
  }
  for (const auto& name : names) {
    if (is_known_family(name)) continue;
    return Error{"the store at " + path.string() + " holds records of a newer kind (" + name +
                 "); use the newer foreword that wrote it, or name another folder"};
  }
  return {};
}

}  // namespace

Result<void> prepare_folder(const fs::path& path) {
  if (path.empty()) return Error{"the store has no folder; set store.path or --data"};
  if (auto made = make_folder(path); !made) return made.error();
  std::error_code code;
  const bool holds_database = fs::exists(path / "CURRENT", code);
  if (code) return failure(path, code);
  return holds_database ? check_families(path) : check_free(path);
}

}  // namespace foreword::cache
