#include "tools/kb_load.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <set>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "config/number_text.h"
#include "tools/commands.h"
#include "tools/document_loader.h"
#include "tools/documents/folder_watch.h"
#include "tools/documents/progress.h"
#include "tools/documents/quantity.h"

namespace foreword::tools {
namespace {

namespace json = boost::json;
using config::Error;
using config::Result;

/// What the current version holds; nothing where there is none yet. Fails at once where nobody
/// answers, before anything is read.
Result<std::set<config::Hash128>> stored_texts(const AdminConnection& admin,
                                               const std::string& kb) {
  const auto all = admin("GET", "/api/kbs", "");
  if (!all) return all.error();
  std::set<config::Hash128> stored;
  const auto is_this = [&kb](const json::value& known) {
    const auto& name = known.at("name").as_string();
    return kb == std::string_view(name.data(), name.size());
  };
  if (std::ranges::none_of(all->at("kbs").as_array(), is_this)) return stored;
  const auto version = admin("GET", "/api/kbs/" + kb, "");
  if (!version) return version.error();
  for (const auto& document : version->at("document_list").as_array()) {
    const auto& hash = document.at("hash").as_string();
    if (const auto parsed = config::parse_hex({hash.data(), hash.size()})) stored.insert(*parsed);
  }
  return stored;
}

/// Written piece by piece, and the texts let go: two copies of all of them would be too many.
std::string documents_body(std::vector<proxy::RawDocument>& documents,
                           const std::vector<std::string>& prewarm) {
  std::size_t bytes = 0;
  for (const auto& document : documents) bytes += document.text.size() + 100;
  std::string body;
  body.reserve(bytes + bytes / 16);
  body += '{';
  if (!prewarm.empty()) body += R"("prewarm":)" + json::serialize(json::value_from(prewarm)) + ',';
  body += R"("documents":[)";
  for (auto& document : documents) {
    if (body.back() != '[') body += ',';
    body += R"({"path":)" + json::serialize(json::string(document.path));
    if (document.stored) {
      body += R"(,"hash":")" + config::to_hex(*document.stored) + "\"}";
    } else {
      body += R"(,"text":)" + json::serialize(json::string(document.text)) + "}";
    }
    document.text = std::string();
  }
  body += "]}";
  return body;
}

/// Of this process, or of the largest of its workers.
std::uint64_t peak_memory_bytes() {
  rusage self{};
  rusage children{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  return static_cast<std::uint64_t>(std::max(self.ru_maxrss, children.ru_maxrss)) * 1024;
}

/// What a load has done, for its last line.
struct Effort {
  std::size_t documents = 0;
  std::size_t files_read = 0;
  std::uint64_t text_bytes = 0;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

struct Loaded {
  json::value answer;  // of the API, with "skipped"
  Effort effort;
};

void print_effort(const Effort& effort) {
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - effort.began;
  fmt::print("read {} files for {} documents, {}, in {:.1f} s, peak memory {}\n",
             config::with_commas(effort.files_read), config::with_commas(effort.documents),
             as_size(effort.text_bytes), seconds.count(), as_size(peak_memory_bytes()));
}

json::array as_json(const std::vector<Skipped>& skipped) {
  json::array list;
  for (const auto& [path, reason, on_purpose] : skipped) {
    list.push_back({{"path", printable(path)}, {"reason", printable(reason)}});
  }
  return list;
}

/// How the documents are sent.
struct Request {
  std::string_view method;
  std::string target;
};

Request put_request(const LoadQuestion& question) {
  return {"PUT",
          "/api/kbs/" + question.kb + (question.allow_oversize ? "?allow_oversize=true" : "")};
}

Request diff_request(const LoadQuestion& question) {
  return {"POST", "/api/kbs/" + question.kb + "/diff"};
}

/// One load after another, of the same paths.
class Load {
 public:
  Load(const AdminConnection& admin, const LoadQuestion& question, Request request)
      : admin_(admin),
        question_(question),
        request_(std::move(request)),
        cache_(StampCache::file_for(question.kb),
               StampCache::this_build() + (question.allow_secrets ? " secrets" : "")) {}

  /// `on_folder`, `stopped`: see LoadOptions.
  Result<Loaded> run(std::function<void(const std::filesystem::path&)> on_folder,
                     std::function<bool()> stopped) {
    LoadOptions options;
    options.allow_secrets = question_.allow_secrets;
    options.on_folder = std::move(on_folder);
    options.stopped = std::move(stopped);
    auto stored = stored_texts(admin_, question_.kb);
    if (!stored) return stored.error();
    options.stored = std::move(*stored);
    if (!question_.read_all) options.cache = &cache_;
    Loaded done;
    auto answer = publish(options, done.effort);
    // A version that was replaced meanwhile may have taken texts with it.
    if (answer && answer->as_object().contains("missing")) {
      options.stored.clear();
      answer = publish(options, done.effort);
    }
    if (!answer) return answer.error();
    cache_.save();
    done.answer = std::move(*answer);
    done.answer.as_object()["skipped"] = as_json(skipped_);
    return done;
  }

 private:
  Result<json::value> publish(LoadOptions& options, Effort& effort) {
    auto loaded = read(options);
    if (!loaded) return loaded.error();
    if (!question_.as_json && loaded->skipped != skipped_) print_skipped(stderr, loaded->skipped);
    skipped_ = std::move(loaded->skipped);
    const auto unwanted = std::ranges::count(skipped_, false, &Skipped::on_purpose);
    if (question_.strict && unwanted > 0) {
      if (question_.as_json) print_skipped(stderr, skipped_);
      return Error{
          fmt::format("--strict forbids to skip {} of these: nothing was loaded", unwanted)};
    }
    if (loaded->documents.empty()) return Error{"no documents found: nothing was loaded"};
    effort.documents = loaded->documents.size();
    effort.files_read = loaded->files_read;
    effort.text_bytes = loaded->text_bytes;
    return admin_(request_.method, request_.target,
                  documents_body(loaded->documents, question_.prewarm));
  }

  Result<LoadedDocuments> read(LoadOptions& options) {
    if (question_.as_json) return load_documents(question_.paths, options);
    ProgressDisplay display;
    options.on_progress = [&display](const LoadProgress& progress) { display.show(progress); };
    return load_documents(question_.paths, options);
  }

  const AdminConnection& admin_;
  const LoadQuestion& question_;
  Request request_;
  StampCache cache_;
  std::vector<Skipped> skipped_;
};

using Print = std::function<void(const json::value&)>;

void print_answer(const Loaded& loaded, const LoadQuestion& question, const Print& print) {
  if (question.as_json) {
    fmt::print("{}\n", json::serialize(loaded.answer));
  } else {
    print(loaded.answer);
    print_effort(loaded.effort);
  }
}

std::string time_of_day() {
  const auto now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

void print_republished(const json::value& answer, const LoadQuestion& question) {
  if (question.as_json) {
    fmt::print("{}\n", json::serialize(answer));
  } else {
    fmt::print("{} published {}: {} documents, {} bytes of text, caches have to write {}\n",
               time_of_day(), question.kb, answer.at("documents").to_number<std::uint64_t>(),
               answer.at("text_bytes").to_number<std::uint64_t>(),
               answer.at("rewritten_bytes").to_number<std::uint64_t>());
  }
}

/// SIGINT and SIGTERM as a descriptor. REQUIRES: they are blocked.
UniqueFd stop_descriptor() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return UniqueFd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

bool is_readable(int descriptor) {
  pollfd asked{descriptor, POLLIN, 0};
  return poll(&asked, 1, 0) > 0;
}

int watch(Load& load, const LoadQuestion& question, const Print& print) {
  const auto stop = stop_descriptor();
  const auto stopped = [&stop] { return is_readable(stop.get()); };
  std::string last_failure;
  for (bool first = true;; first = false) {
    // New for each load, and before it: no change falls between the two.
    FolderWatch folders;
    auto loaded = load.run([&folders](const auto& folder) { folders.add(folder); }, stopped);
    if (stopped()) return kDone;
    if (!loaded && first) return fail(loaded.error().message);
    if (loaded && first) {
      print_answer(*loaded, question, print);
    } else if (loaded && loaded->answer.at("changed").as_bool()) {
      print_republished(loaded->answer, question);
    } else if (!loaded && loaded.error().message != last_failure) {
      fail(loaded.error().message);
    }
    std::fflush(stdout);
    last_failure = loaded ? "" : loaded.error().message;
    // What is gone or cannot be published is tried again.
    if (!loaded) folders.distrust();
    for (const auto& path : question.paths) {
      std::error_code error;
      if (!std::filesystem::is_directory(path, error)) folders.add(path.parent_path() / ".");
    }
    if (folders.wait(stop.get(), {}) == FolderWatch::Woken::stopped) return kDone;
  }
}

int once(Load& load, const LoadQuestion& question, const Print& print) {
  const auto loaded = load.run({}, {});
  if (!loaded) return fail(loaded.error().message);
  print_answer(*loaded, question, print);
  return kDone;
}

}  // namespace

int load_into(const AdminConnection& admin, const LoadQuestion& question, const Print& print) {
  Load load(admin, question, put_request(question));
  return question.watch ? watch(load, question, print) : once(load, question, print);
}

int compare_with(const AdminConnection& admin, const LoadQuestion& question, const Print& print) {
  Load load(admin, question, diff_request(question));
  return once(load, question, print);
}

}  // namespace foreword::tools
