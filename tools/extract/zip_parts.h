// Parts of a zip archive by name, with bounds against archives that unpack to more than they say.
//
// Reads from the caller's bytes, which have to outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/result.h"

struct zip;

namespace foreword::tools {

class ZipParts {
 public:
  [[nodiscard]] static config::Result<ZipParts> open(std::string_view bytes);

  /// Nothing where there is no such part. An Error: it is damaged or encrypted, or unpacks to more
  /// than limits::kMaxZipPartBytes, or to more than kMaxZipRatio times the archive.
  [[nodiscard]] config::Result<std::optional<std::string>> read(const std::string& name);

 private:
  struct Close {
    void operator()(zip* archive) const;
  };
  ZipParts(zip* archive, std::size_t archive_bytes)
      : archive_(archive), archive_bytes_(archive_bytes) {}

  std::unique_ptr<zip, Close> archive_;
  std::size_t archive_bytes_;
};

}  // namespace foreword::tools
