// One file to the normalised text of a document.
//
// Reads what was found by walk(); links, pipes and devices that took a file's place meanwhile are
// not followed, opened for longer than it takes to see it, or read.
#pragma once

#include <string>

#include "config/result.h"
#include "tools/documents/extract_worker.h"
#include "tools/documents/walk.h"

namespace foreword::tools {

struct ReadDocument {
  std::string text;  // normalised
  FileStamp stamp;   // of the file as it was read
};

/// Not thread-safe: one of these for each thread.
class DocumentReader {
 public:
  explicit DocumentReader(bool allow_secrets) : allow_secrets_(allow_secrets) {}

  /// An Error is the reason why the file is skipped: "it is empty".
  [[nodiscard]] config::Result<ReadDocument> read(const FoundFile& file);

 private:
  [[nodiscard]] config::Result<std::string> read_text(FileKind kind, int file,
                                                      const FileStamp& stamp);

  ExtractWorker worker_;
  bool allow_secrets_;
};

}  // namespace foreword::tools
