#include "tools/extract/zip_parts.h"

#include <algorithm>
#include <utility>

#include <zip.h>

#include "config/limits.h"

namespace foreword::tools {

using config::Error;
using config::Result;
namespace limits = config::limits;

void ZipParts::Close::operator()(zip* archive) const {
  zip_discard(archive);
}

Result<ZipParts> ZipParts::open(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  auto* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  auto* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    zip_source_free(source);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    return Error{"it is no zip archive: " + why};
  }
  zip_error_fini(&error);
  return ZipParts(archive, bytes.size());
}

Result<std::optional<std::string>> ZipParts::read(const std::string& name) {
  const auto index = zip_name_locate(archive_.get(), name.c_str(), 0);
  if (index < 0) return std::optional<std::string>();
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
      zip_fopen_index(archive_.get(), static_cast<zip_uint64_t>(index), 0), &zip_fclose);
  if (!file) return Error{name + " in it cannot be read: " + zip_strerror(archive_.get())};

  // What the archive says about sizes is not believed: what comes out is counted.
  const auto most = std::clamp<std::size_t>(archive_bytes_ * limits::kMaxZipRatio,
                                            limits::kLeastZipPartBytes, limits::kMaxZipPartBytes);
  std::string part;
  std::string block(limits::kReceiveBytes, '\0');
  while (true) {
    const auto read = zip_fread(file.get(), block.data(), block.size());
    if (read < 0) return Error{name + " in it is damaged"};
    if (read == 0) break;
    if (part.size() + static_cast<std::size_t>(read) > most) {
      return Error{name + " in it unpacks to more than " + std::to_string(most) +
                   " bytes: this looks like a decompression bomb"};
    }
    part.append(block, 0, static_cast<std::size_t>(read));
  }
  return std::optional<std::string>(std::move(part));
}

}  // namespace foreword::tools
