// Has files turned into text by `foreword-extract`, which lies beside this program.
//
// A file can crash or exhaust only the process that reads it. Not thread-safe: one worker for each
// thread. The worker process ends with this object, or when this process dies.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <sys/types.h>

#include "config/limits.h"
#include "config/result.h"
#include "tools/documents/unique_fd.h"
#include "tools/extract/worker_protocol.h"

namespace foreword::tools {

struct ExtractLimits {
  std::uint64_t memory_bytes = config::limits::kExtractMemoryBytes;
  std::uint64_t output_bytes = config::limits::kMaxDocumentBytes;
  std::chrono::seconds cpu_time = config::limits::kExtractCpuTime;
  std::chrono::seconds wall_time = config::limits::kExtractWallTime;
  /// So much later a worker that has not ended a file's process by itself is ended.
  std::chrono::milliseconds grace = config::limits::kExtractGrace;
};

class ExtractWorker {
 public:
  /// `program` is started when it is first needed.
  explicit ExtractWorker(std::filesystem::path program = beside_this_program(),
                         ExtractLimits limits = ExtractLimits())
      : program_(std::move(program)), limits_(limits) {}
  ~ExtractWorker();
  ExtractWorker(const ExtractWorker&) = delete;
  ExtractWorker& operator=(const ExtractWorker&) = delete;

  /// The text of an open regular file. An Error says what is wrong with the file, or which limit
  /// it ran into, as the end of a sentence.
  [[nodiscard]] config::Result<std::string> extract(ExtractFormat format, int file);

  [[nodiscard]] static std::filesystem::path beside_this_program();

 private:
  [[nodiscard]] config::Result<void> start();
  void stop();
  [[nodiscard]] bool send_request(ExtractFormat format, int file, int output);
  [[nodiscard]] config::Result<std::string> read_outcome(int wait_status, int output) const;

  std::filesystem::path program_;
  ExtractLimits limits_;
  UniqueFd socket_;
  pid_t process_ = -1;
};

}  // namespace foreword::tools
