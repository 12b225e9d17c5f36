#include "tools/documents/stamp_cache.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/limits.h"
#include "tools/documents/extract_worker.h"

// The file: a line that says what made it, then one line for each text, in numbers but for the
// hash:
//   DEVICE INODE KIND BYTES MODIFIED CHANGED HASH TEXT_BYTES
namespace foreword::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "foreword stamps 1";

std::string stamp_text(const fs::path& program) {
  struct stat info {};
  if (stat(program.c_str(), &info) != 0) return "none";
  const auto stamp = stamp_of(info);
  return fmt::format("{}.{}.{}", stamp.inode, stamp.bytes, stamp.modified);
}

}  // namespace

StampCache::StampCache(fs::path file, std::string made_by)
    : file_(std::move(file)), made_by_(std::move(made_by)) {
  if (!file_.empty()) load();
}

void StampCache::load() {
  std::ifstream in(file_);
  std::string line;
  if (!std::getline(in, line) || line != fmt::format("{} {}", kFormat, made_by_)) return;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Entry entry;
    auto& stamp = entry.stamp;
    unsigned kind = 0;
    std::string hash;
    fields >> stamp.device >> stamp.inode >> kind >> stamp.bytes >> stamp.modified >>
        stamp.changed >> hash >> entry.text.bytes;
    const auto parsed = config::parse_hex(hash);
    if (!fields || !parsed) return entries_.clear();
    entry.text.hash = *parsed;
    entries_[{stamp.device, stamp.inode, static_cast<FileKind>(kind)}] = entry;
  }
}

std::optional<TextId> StampCache::find(const FoundFile& file) {
  const auto found = entries_.find({file.stamp.device, file.stamp.inode, file.kind});
  if (found == entries_.end() || found->second.stamp != file.stamp) return std::nullopt;
  found->second.used = true;
  return found->second.text;
}

void StampCache::remember(const FoundFile& file, const FileStamp& stamp, const TextId& text,
                          std::chrono::system_clock::time_point read_at) {
  const auto trusted = std::chrono::duration_cast<std::chrono::nanoseconds>(
      (read_at - config::limits::kDistrustedAge).time_since_epoch());
  if (std::max(stamp.modified, stamp.changed) >= trusted.count()) return;
  entries_[{stamp.device, stamp.inode, file.kind}] = {stamp, text, true};
  changed_ = true;
}

void StampCache::save() {
  if (file_.empty() || !changed_) return;
  std::error_code error;
  fs::create_directories(file_.parent_path(), error);
  // Two loads at once each write a file of their own: the last one stays.
  auto fresh = file_;
  fresh += fmt::format(".{}", getpid());
  {
    std::ofstream out(fresh);
    out << kFormat << ' ' << made_by_ << '\n';
    for (const auto& [key, entry] : entries_) {
      if (!entry.used) continue;
      const auto& stamp = entry.stamp;
      out << fmt::format("{} {} {} {} {} {} {} {}\n", stamp.device, stamp.inode,
                         static_cast<unsigned>(std::get<FileKind>(key)), stamp.bytes,
                         stamp.modified, stamp.changed, config::to_hex(entry.text.hash),
                         entry.text.bytes);
    }
    if (!out.flush()) {
      fs::remove(fresh, error);
      return;
    }
  }
  fs::rename(fresh, file_, error);
  if (error) fs::remove(fresh, error);
  changed_ = false;
}

fs::path StampCache::file_for(const std::string& kb) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  fs::path folder;
  if (cache != nullptr && *cache == '/') {
    folder = cache;
  } else if (home != nullptr && *home == '/') {
    folder = fs::path(home) / ".cache";
  } else {
    return {};
  }
  return folder / "foreword" / "stamps" / kb;
}

std::string StampCache::this_build() {
  return stamp_text("/proc/self/exe") + " " + stamp_text(ExtractWorker::beside_this_program());
}

}  // namespace foreword::tools
