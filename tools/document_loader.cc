#include "tools/document_loader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "assembler/document.h"
#include "config/limits.h"

namespace foreword::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kTextEndings = {".md", ".markdown", ".txt", ".text"};

bool has_text_ending(const fs::path& path) {
  auto ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kTextEndings.begin(), kTextEndings.end(), ending) != kTextEndings.end();
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

class Loader {
 public:
  explicit Loader(LoadedDocuments& out) : out_(out) {}

  config::Result<void> take_file(const fs::path& file, const std::string& name) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error && size > config::limits::kMaxDocumentBytes) {
      return config::Error{
          fmt::format("{}: {} bytes are more than the {} of one document: split it", file.string(),
                      size, config::limits::kMaxDocumentBytes)};
    }
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.good() && !in.eof()) return config::Error{file.string() + ": cannot be read"};
    if (is_blank(text)) {
      skip(file, "it is empty");
      return {};
    }
    // The proxy normalises again; here the error can name the file.
    const auto normalised = assembler::normalise_text(text);
    if (!normalised) {
      return config::Error{fmt::format("{}: {}", file.string(), normalised.error().message)};
    }
    proxy::RawDocument document;
    document.path = name;
    document.text = std::move(text);
    out_.documents.push_back(std::move(document));
    return {};
  }

  /// `prefix` is put in front of each path within `folder`.
  config::Result<void> take_folder(const fs::path& folder, const std::string& prefix) {
    std::error_code error;
    fs::recursive_directory_iterator it(folder, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      const auto& entry = *it;
      if (is_hidden(entry.path())) {
        if (entry.is_directory(error)) it.disable_recursion_pending();
        skip(entry.path(), "it is hidden");
      } else if (entry.is_symlink(error)) {
        skip(entry.path(), "it is a link");
      } else if (entry.is_directory(error)) {
        continue;
      } else if (!entry.is_regular_file(error)) {
        skip(entry.path(), "it is no regular file");
      } else if (!has_text_ending(entry.path())) {
        skip(entry.path(), "it is neither Markdown nor plain text by its ending");
      } else {
        const auto name = prefix + entry.path().lexically_relative(folder).generic_string();
        auto taken = take_file(entry.path(), name);
        if (!taken) return taken;
      }
    }
    if (error) return config::Error{fmt::format("{}: {}", folder.string(), error.message())};
    return {};
  }

 private:
  void skip(const fs::path& path, std::string reason) {
    Skipped skipped;
    skipped.path = path.string();
    skipped.reason = std::move(reason);
    out_.skipped.push_back(std::move(skipped));
  }
  LoadedDocuments& out_;
};

/// "docs/" and "docs/." are both the folder docs.
std::string folder_name(const fs::path& path) {
  std::error_code error;
  return fs::weakly_canonical(path, error).filename().string();
}

}  // namespace

config::Result<LoadedDocuments> load_documents(const std::vector<fs::path>& paths) {
  LoadedDocuments out;
  Loader loader(out);
  for (const auto& path : paths) {
    std::error_code error;
    const auto status = fs::status(path, error);
    config::Result<void> taken;
    if (fs::is_directory(status)) {
      taken = loader.take_folder(path, paths.size() > 1 ? folder_name(path) + "/" : std::string());
    } else if (fs::is_regular_file(status)) {
      taken = loader.take_file(path, path.filename().string());
    } else {
      return config::Error{fmt::format("{}: there is no such file or folder", path.string())};
    }
    if (!taken) return taken.error();
  }
  std::ranges::sort(out.documents, {}, &proxy::RawDocument::path);
  std::ranges::sort(out.skipped, {}, &Skipped::path);
  return out;
}

}  // namespace foreword::tools
