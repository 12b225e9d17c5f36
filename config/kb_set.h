// The knowledge bases of one request, as one name: "handbook", "handbook+policies".
//
// However they were named, the same set has the same text, and stands in a prompt in the same
// order: by name. So it has the same bytes in front of every request, after a restart, and on any
// machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace foreword::config {

/// The names between the '+', each once, in order. They may be no names of knowledge bases at all.
[[nodiscard]] std::vector<std::string> split_kb_set(std::string_view text);
[[nodiscard]] std::string join_kb_set(const std::vector<std::string>& names);

/// Are they names of knowledge bases, and no more than a request may have?
[[nodiscard]] bool is_kb_set(std::string_view text);

/// Is the knowledge base one of the set?
[[nodiscard]] bool kb_set_has(std::string_view set, std::string_view name);

}  // namespace foreword::config
