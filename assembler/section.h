// The unit that an update of a knowledge base replaces: a typo in a long page must not rewrite it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace foreword::assembler {

/// Longer sections are cut at their blank lines, each piece at least this long.
inline constexpr std::size_t kLongSectionBytes = 4096;

/// Cuts normalised text at its headings ("# ..." to "###### ..." outside of fenced code) and long
/// sections at blank lines. The pieces put together are `text`; none is empty. An edit moves no cut
/// beyond the next heading. What is no Markdown is cut as well as it goes: a cut is only a place.
[[nodiscard]] std::vector<std::string_view> split_sections(std::string_view text);

/// What a section is called by: the first line that says something, at most 100 bytes of it.
[[nodiscard]] std::string_view section_title(std::string_view section);

}  // namespace foreword::assembler
