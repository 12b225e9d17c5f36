// Which files git would leave out: the rules of .gitignore files, as gitignore(5) has them.
//
// Pure. Home-grown, because libgit2 would bring its TLS and HTTP libraries into the proxy's
// program; tests compare it with git itself. Time grows with pattern times path, whatever the
// pattern.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foreword::tools {

/// One pattern, for the whole of a path.
class IgnorePattern {
 public:
  /// Nothing: git takes it as one that matches nothing.
  [[nodiscard]] static std::optional<IgnorePattern> parse(std::string_view pattern);
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  enum class Step : std::uint8_t {
    one,      // of `set`
    star,     // any number, within a part
    folders,  // any number of whole parts
    rest,     // at least one of anything
  };
  struct Part {
    Step step{};
    std::bitset<256> set;
  };
  std::vector<Part> parts_;
};

/// One .gitignore file.
class IgnoreRules {
 public:
  explicit IgnoreRules(std::string_view text);

  /// By the last pattern that matches; nothing where none does. `path` is relative to the folder
  /// of the file.
  [[nodiscard]] std::optional<bool> ignores(std::string_view path, bool is_folder) const;
  [[nodiscard]] bool empty() const { return rules_.empty(); }

 private:
  struct Rule {
    IgnorePattern pattern;
    bool ignores = true;
    bool folders_only = false;
    bool name_only = false;  // matches the last part of a path, however deep
  };
  std::vector<Rule> rules_;
};

/// The files that hold for a folder: its own and those above. Immutable, shared by its subfolders.
struct IgnoreChain {
  IgnoreRules rules;
  /// Of the path that ignored_by() is asked about, how much lies above the file's folder.
  std::size_t prefix_bytes = 0;
  std::shared_ptr<const IgnoreChain> above;
};

/// The nearest file that says something decides.
[[nodiscard]] bool ignored_by(const std::shared_ptr<const IgnoreChain>& chain,
                              std::string_view path, bool is_folder);

}  // namespace foreword::tools
