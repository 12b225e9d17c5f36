#include "proxy/static_files.h"

#include <algorithm>

#include "config/hash128.h"

namespace foreword::proxy {

const StaticFile* find_static_file(std::string_view path) {
  const auto files = static_files();
  const auto found = std::ranges::find(files, path, &StaticFile::path);
  return found == files.end() ? nullptr : &*found;
}

std::string entity_tag(const StaticFile& file) {
  return '"' + config::to_hex(config::xxh3_128(file.bytes)) + '"';
}

bool has_tag(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

}  // namespace foreword::proxy
