#include "tools/documents/walk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "config/limits.h"
#include "tools/documents/gitignore.h"
#include "tools/documents/secrets.h"
#include "tools/documents/unique_fd.h"

namespace foreword::tools {
namespace {

namespace fs = std::filesystem;
namespace limits = config::limits;
using config::Error;
using config::Result;
using Chain = std::shared_ptr<const IgnoreChain>;

constexpr const char* kSecretName = "its name is that of a secret; --allow-secrets takes it";

/// The rules of one file behind those above it; what cannot be read has none.
Chain with_rules(const fs::path& file, std::size_t prefix_bytes, Chain above) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return above;
  const auto size = fs::file_size(file, error);
  if (error || size == 0 || size > limits::kMaxIgnoreFileBytes) return above;
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  IgnoreRules rules(text);
  if (rules.empty()) return above;
  return std::make_shared<const IgnoreChain>(
      IgnoreChain{std::move(rules), prefix_bytes, std::move(above)});
}

/// The rules that a folder's repository has above it, and the folder's path within.
struct Surroundings {
  Chain rules;
  std::string path_in_repository;  // empty, or with a '/' at the end
};

Surroundings surroundings_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> above{folder};
  while (!fs::exists(above.back() / ".git", error)) {
    if (!above.back().has_relative_path()) return {};  // in no repository
    above.push_back(above.back().parent_path());
  }
  const auto root = above.back();
  Surroundings found;
  found.rules = with_rules(root / ".git" / "info" / "exclude", 0, nullptr);
  const auto relative = folder.lexically_relative(root).generic_string();
  if (relative != ".") found.path_in_repository = relative + "/";
  for (auto at = above.rbegin(); at + 1 < above.rend(); ++at) {
    const auto within = at->lexically_relative(root).generic_string();
    found.rules = with_rules(*at / ".gitignore", within == "." ? 0 : within.size() + 1,
                             std::move(found.rules));
  }
  return found;
}

struct Folder {
  fs::path path;
  std::string name;     // in front of its files' names
  std::string ignored;  // in front of its files' paths, as the rules see them
  Chain rules;
  std::size_t depth = 0;
};

class Walker {
 public:
  Walker(const WalkOptions& options, Walk& out) : options_(options), out_(out) {}

  void take_named_file(const fs::path& path) {
    struct stat info {};
    std::error_code error;
    const auto file = fs::canonical(path, error);
    if (error || lstat(file.c_str(), &info) != 0) {
      return skip(path, fmt::format("it cannot be read: {}", std::strerror(errno)));
    }
    const auto name = path.filename().string();
    if (!options_.allow_secrets && is_secret_name(name)) return skip(path, kSecretName);
    auto kind = kind_of(name);
    if (kind == FileKind::unknown) kind = FileKind::text;
    out_.files.push_back({file, name, kind, stamp_of(info)});
  }

  Result<void> take_folder(const fs::path& path, const std::string& name) {
    std::error_code error;
    root_ = fs::canonical(path, error);
    auto around = surroundings_of(root_);
    // Of the folder itself take_entries() reads the rules: as for every other one.
    waiting_.push_back({path, name, around.path_in_repository, std::move(around.rules), 0});
    while (!waiting_.empty()) {
      const auto folder = std::move(waiting_.back());
      waiting_.pop_back();
      take_entries(folder);
      if (out_.files.size() + out_.skipped.size() > limits::kMaxLoadedFiles) {
        return Error{
            fmt::format("{}: there are more than {} files: name the folders in it that "
                        "hold documents",
                        printable(path.string()), limits::kMaxLoadedFiles)};
      }
    }
    return {};
  }

 private:
  void take_entries(const Folder& folder) {
    if (options_.on_folder) options_.on_folder(folder.path);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.path.c_str()), &closedir);
    if (!entries) {
      return skip(folder.path, fmt::format("it cannot be read: {}", std::strerror(errno)));
    }
    std::vector<std::string> names;
    while (const auto* entry = readdir(entries.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    std::ranges::sort(names);
    const auto rules =
        std::ranges::binary_search(names, std::string(".gitignore"))
            ? with_rules(folder.path / ".gitignore", folder.ignored.size(), folder.rules)
            : folder.rules;
    const auto first = waiting_.size();
    for (const auto& name : names) {
      struct stat info {};
      if (fstatat(dirfd(entries.get()), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
      take_entry(folder, rules, name, info);
    }
    // The last one waiting is the next: folders too are taken by name.
    std::reverse(waiting_.begin() + static_cast<std::ptrdiff_t>(first), waiting_.end());
  }

  void take_entry(const Folder& folder, const Chain& rules, const std::string& name,
                  const struct stat& info) {
    const auto path = folder.path / name;
    const bool is_folder = S_ISDIR(info.st_mode);
    if (!is_folder && !options_.allow_secrets && is_secret_name(name)) {
      return skip(path, kSecretName);
    }
    if (name.starts_with('.')) return skip(path, "it is hidden", true);
    if (ignored_by(rules, folder.ignored + name, is_folder)) {
      return skip(path, ".gitignore says so", true);
    }
    if (S_ISLNK(info.st_mode)) return skip(path, why_no_link(path));
    if (is_folder) {
      if (folder.depth + 1 >= limits::kMaxFolderDepth) {
        return skip(path, fmt::format("it is more than {} folders deep", limits::kMaxFolderDepth));
      }
      waiting_.push_back(
          {path, folder.name + name + "/", folder.ignored + name + "/", rules, folder.depth + 1});
      return;
    }
    if (!S_ISREG(info.st_mode)) return skip(path, "it is no regular file");
    if (info.st_size == 0) return skip(path, "it is empty");
    const auto kind = kind_of(name);
    if (kind == FileKind::unknown) {
      return skip(path, "its name is of no known kind; name the file itself to take it as text");
    }
    out_.files.push_back({path, folder.name + name, kind, stamp_of(info)});
  }

  std::string why_no_link(const fs::path& path) const {
    std::error_code error;
    const auto target = fs::canonical(path, error);
    if (error == std::errc::too_many_symbolic_link_levels) return "it is a link that loops";
    if (error) return "it is a link that leads nowhere";
    const auto within = target.lexically_relative(root_);
    if (within.empty() || *within.begin() == "..")
      return "it is a link that leads out of the folder";
    return "it is a link to what is there itself";
  }

  void skip(const fs::path& path, std::string reason, bool on_purpose = false) {
    out_.skipped.push_back({path.string(), std::move(reason), on_purpose});
  }

  const WalkOptions& options_;
  Walk& out_;
  fs::path root_;
  std::vector<Folder> waiting_;
};

/// "docs/" and "docs/." are both the folder docs.
std::string folder_name(const fs::path& path) {
  std::error_code error;
  return fs::canonical(path, error).filename().string();
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp stamp_of(const struct stat& info) {
  FileStamp stamp;
  stamp.bytes = static_cast<std::uint64_t>(info.st_size);
  stamp.modified = nanoseconds(info.st_mtim);
  stamp.changed = nanoseconds(info.st_ctim);
  stamp.inode = info.st_ino;
  stamp.device = info.st_dev;
  return stamp;
}

Result<Walk> walk(const std::vector<fs::path>& paths, const WalkOptions& options) {
  Walk out;
  Walker walker(options, out);
  for (const auto& path : paths) {
    std::error_code error;
    const auto status = fs::status(path, error);
    if (fs::is_directory(status)) {
      const auto name = paths.size() > 1 ? folder_name(path) + "/" : std::string();
      if (auto taken = walker.take_folder(path, name); !taken) return taken.error();
    } else if (fs::is_regular_file(status)) {
      walker.take_named_file(path);
    } else if (fs::exists(status)) {
      out.skipped.push_back({path.string(), "it is no regular file", false});
    } else {
      return Error{fmt::format("{}: there is no such file or folder", printable(path.string()))};
    }
  }
  return out;
}

}  // namespace foreword::tools
