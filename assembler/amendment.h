// What has to be said to a model that has read one version of a document, so that it knows another.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace foreword::assembler {

/// A section by its title; the `occurrence`-th of that title in its version, from 1.
struct SectionName {
  std::string_view title;
  std::size_t occurrence = 1;
  bool operator==(const SectionName&) const = default;
};

/// Text that comes in behind the section `after`, or at the start of the document without one.
struct NewText {
  SectionName after;
  bool at_start = false;
  std::string_view text;
};

/// From one version of a document to the next: sections that fall out (named in the old version),
/// then text that comes in, in order (named in the new version). Views into both versions.
struct Amendment {
  std::vector<SectionName> superseded;
  std::vector<NewText> added;
  /// Of the superseded sections' and of the added text.
  std::size_t superseded_bytes = 0;
  std::size_t added_bytes = 0;

  [[nodiscard]] bool empty() const { return superseded.empty() && added.empty(); }
};

/// The sections that both versions have, in the same order, stay where they are; of several ways
/// always the same one. Versions too different to be compared are superseded whole.
[[nodiscard]] Amendment amend(std::string_view before, std::string_view after);

}  // namespace foreword::assembler
