// Files and folders to documents. Runs in the command's own process, never in the proxy.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/result.h"
#include "proxy/knowledge_bases.h"

namespace foreword::tools {

struct Skipped {
  std::string path;
  std::string reason;
};

struct LoadedDocuments {
  std::vector<proxy::RawDocument> documents;
  std::vector<Skipped> skipped;
};

/// Walks folders for Markdown and plain text (.md .markdown .txt .text); a file that is named
/// itself is taken whatever its ending. Hidden entries, links, other endings and empty files are
/// skipped and listed. A document's path is relative to the folder that was named; with several
/// PATHs the folder's own name stands in front. What cannot be read is an Error: nothing is loaded
/// by halves.
[[nodiscard]] config::Result<LoadedDocuments> load_documents(
    const std::vector<std::filesystem::path>& paths);

}  // namespace foreword::tools
