#include "tools/document_loader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "assembler/document.h"
#include "config/limits.h"
#include "tools/documents/read_document.h"
#include "tools/documents/walk.h"

namespace foreword::tools {
namespace {

namespace limits = config::limits;
using config::Error;
using config::Result;

/// More readers than these wait for the same disk.
constexpr unsigned kMaxReaders = 8;

/// What came of a file that was found.
struct Taken {
  TextId id;
  std::string text;    // empty: it is stored
  std::string reason;  // why it is skipped; empty: it is not
};

/// Reads files that walk() found, on several threads.
class Reading {
 public:
  Reading(const std::vector<FoundFile>& files, const LoadOptions& options)
      : files_(files), options_(options), taken_(files.size()) {
    progress_.files = files.size();
  }

  Result<std::vector<Taken>> run() {
    const auto readers = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxReaders);
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < readers; ++i) threads.emplace_back([this] { work(); });
    }
    if (failure_) return *failure_;
    return std::move(taken_);
  }
  [[nodiscard]] std::size_t files_read() const { return files_read_; }

 private:
  void work() {
    DocumentReader reader(options_.allow_secrets);
    for (std::size_t i = next_++; i < files_.size(); i = next_++) {
      if (!keep_on()) return;
      take(i, reader);
    }
  }

  bool keep_on() {
    const std::lock_guard lock(mutex_);
    if (!failure_ && options_.stopped && options_.stopped()) failure_ = Error{"stopped"};
    if (!failure_ && progress_.text_bytes > limits::kMaxLoadedBytes) {
      failure_ = Error{fmt::format(
          "there are more than {} MB of text: a knowledge base holds what a model can read at once",
          limits::kMaxLoadedBytes >> 20)};
    }
    return !failure_;
  }

  void take(std::size_t i, DocumentReader& reader) {
    auto& taken = taken_[i];
    if (const auto known = find_known(files_[i])) {
      taken.id = *known;
    } else {
      const auto read_at = std::chrono::system_clock::now();
      auto read = reader.read(files_[i]);
      if (read) {
        taken.id = {config::xxh3_128(read->text), read->text.size()};
        if (!options_.stored.contains(taken.id.hash)) taken.text = std::move(read->text);
      } else {
        taken.reason = std::move(read.error().message);
      }
      const std::lock_guard lock(mutex_);
      ++files_read_;
      if (read && options_.cache != nullptr) {
        options_.cache->remember(files_[i], read->stamp, taken.id, read_at);
      }
    }
    report(taken.id.bytes);
  }

  /// A file that did not change, whose text is stored.
  std::optional<TextId> find_known(const FoundFile& file) {
    if (options_.cache == nullptr) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto known = options_.cache->find(file);
    return known && options_.stored.contains(known->hash) ? known : std::nullopt;
  }

  void report(std::uint64_t text_bytes) {
    const std::lock_guard lock(mutex_);
    ++progress_.files_done;
    progress_.text_bytes += text_bytes;
    if (options_.on_progress) options_.on_progress(progress_);
  }

  const std::vector<FoundFile>& files_;
  const LoadOptions& options_;
  std::vector<Taken> taken_;  // each by one thread
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // of all below, and of the cache
  LoadProgress progress_;
  std::size_t files_read_ = 0;
  std::optional<Error> failure_;
};

/// Gives each its path, and skips those that cannot have one.
class Naming {
 public:
  explicit Naming(LoadedDocuments& out) : out_(out) {}

  void take(const FoundFile& file, Taken taken) {
    auto path = taken.reason.empty() ? assembler::normalise_path(file.name)
                                     : Result<std::string>(Error{std::move(taken.reason)});
    if (!path) return skip(file, std::move(path.error().message));
    const auto [twin, is_new] = files_.emplace(*path, file.file.string());
    if (!is_new) {
      return skip(file, fmt::format("its path '{}' in the knowledge base is that of {}", *path,
                                    printable(twin->second)));
    }
    proxy::RawDocument document;
    document.path = std::move(*path);
    if (taken.text.empty()) document.stored = taken.id.hash;
    document.text = std::move(taken.text);
    out_.text_bytes += taken.id.bytes;
    out_.documents.push_back(std::move(document));
  }

 private:
  void skip(const FoundFile& file, std::string reason) {
    out_.skipped.push_back({file.file.string(), std::move(reason), false});
  }

  LoadedDocuments& out_;
  std::map<std::string, std::string> files_;  // by document path
};

}  // namespace

Result<LoadedDocuments> load_documents(const std::vector<std::filesystem::path>& paths,
                                       const LoadOptions& options) {
  WalkOptions walk_options;
  walk_options.allow_secrets = options.allow_secrets;
  walk_options.on_folder = options.on_folder;
  auto found = walk(paths, walk_options);
  if (!found) return found.error();
  Reading reading(found->files, options);
  auto taken = reading.run();
  if (!taken) return taken.error();

  LoadedDocuments out;
  out.skipped = std::move(found->skipped);
  out.files_read = reading.files_read();
  Naming naming(out);
  for (std::size_t i = 0; i < taken->size(); ++i) {
    naming.take(found->files[i], std::move((*taken)[i]));
  }
  std::ranges::sort(out.documents, {}, &proxy::RawDocument::path);
  std::ranges::sort(out.skipped, {}, &Skipped::path);
  return out;
}

}  // namespace foreword::tools
