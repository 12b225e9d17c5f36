// What the admin listener serves as it is: the dashboard (proxy/dashboard/) and the description of
// its API (proxy/openapi.json), as they were when the program was built.
//
// Static storage; any thread may read it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace foreword::proxy {

struct StaticFile {
  std::string_view path;  // "/", "/dashboard/page.css"
  std::string_view content_type;
  std::string_view bytes;
};

[[nodiscard]] std::span<const StaticFile> static_files();
/// nullptr: there is none at this path (without a query).
[[nodiscard]] const StaticFile* find_static_file(std::string_view path);
/// Quoted, as in the header ETag: the same for the same bytes.
[[nodiscard]] std::string entity_tag(const StaticFile& file);
/// Does the header If-None-Match name it?
[[nodiscard]] bool has_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace foreword::proxy
