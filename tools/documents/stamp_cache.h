// Remembers between loads which text a file had, so that one that did not change is not read again.
//
// A cache: it can be deleted at any time, and whatever is wrong with its file, it is empty. Holds
// paths and hashes, no text. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "config/hash128.h"
#include "tools/documents/walk.h"

namespace foreword::tools {

/// What a document's text is, without the text.
struct TextId {
  config::Hash128 hash;  // of the normalised text
  std::uint64_t bytes = 0;
  bool operator==(const TextId&) const = default;
};

class StampCache {
 public:
  /// `made_by` names what made the texts, and how: with another one the cache is empty.
  StampCache(std::filesystem::path file, std::string made_by);

  [[nodiscard]] std::optional<TextId> find(const FoundFile& file);
  /// Not if the file changed so shortly before `read_at` that it could change again unseen.
  void remember(const FoundFile& file, const FileStamp& stamp, const TextId& text,
                std::chrono::system_clock::time_point read_at);
  /// Replaces the file, if there is something new, by what was found or remembered since. Failing
  /// to do so costs the next load its time, and nothing else.
  void save();

  /// Under $XDG_CACHE_HOME or ~/.cache, one for each knowledge base; empty where there is no home.
  [[nodiscard]] static std::filesystem::path file_for(const std::string& kb);
  /// Of this build of the program and its worker.
  [[nodiscard]] static std::string this_build();

 private:
  /// Of a file under its device, its number there and its kind: two names for one file can be of
  /// two kinds.
  using Key = std::tuple<std::uint64_t, std::uint64_t, FileKind>;
  struct Entry {
    FileStamp stamp;
    TextId text;
    bool used = false;
  };
  void load();

  std::filesystem::path file_;
  std::string made_by_;
  std::map<Key, Entry> entries_;
  bool changed_ = false;
};

}  // namespace foreword::tools
