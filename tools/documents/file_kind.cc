#include "tools/documents/file_kind.h"

#include <algorithm>
#include <string>

namespace foreword::tools {
namespace {

/// Prose, data and source code that is text as it stands; each group ordered as it grew.
constexpr std::string_view kTextEndings[] = {
    // prose
    "md", "markdown", "mdx", "txt", "text", "rst", "rest", "adoc", "asciidoc", "org", "tex",
    "textile", "wiki", "pod", "man", "me", "ltx", "bib", "log",
    // data and settings
    "csv", "tsv", "jsonl", "ndjson", "yaml", "yml", "toml", "ini", "cfg", "conf", "properties",
    "xml", "xsd", "xsl", "dtd", "svg", "proto", "thrift", "avsc", "graphql", "gql", "sql", "tf",
    "hcl", "nix", "diff", "patch", "po", "pot", "desktop", "service", "rules", "plist",
    // source code
    "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "inl", "ipp", "ixx", "m", "mm", "cu", "py",
    "pyi", "pyx", "rb", "go", "rs", "java", "kt", "kts", "scala", "groovy", "gradle", "js", "mjs",
    "cjs", "jsx", "ts", "mts", "tsx", "vue", "svelte", "css", "scss", "sass", "less", "php", "pl",
    "pm", "t", "lua", "r", "rmd", "jl", "hs", "lhs", "ml", "mli", "fs", "fsi", "fsx", "cs", "vb",
    "swift", "dart", "ex", "exs", "erl", "hrl", "clj", "cljs", "edn", "lisp", "el", "scm", "rkt",
    "zig", "nim", "v", "sv", "vhd", "vhdl", "asm", "s", "f", "f90", "f95", "for", "pas", "ada",
    "adb", "ads", "d", "sh", "bash", "zsh", "fish", "ps1", "psm1", "bat", "cmd", "awk", "sed",
    "cmake", "mk", "mak", "bzl", "ninja", "dockerfile", "tcl", "vim", "y", "l", "g4", "sol"};

constexpr std::string_view kTextNames[] = {
    "makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "vagrantfile",
    "rakefile", "gemfile",     "procfile",   "readme",        "license",     "licence",
    "copying",  "copyright",   "authors",    "contributors",  "maintainers", "changelog",
    "changes",  "news",        "notice",     "install",       "hacking",     "todo",
    "build",    "workspace",   "kconfig",    "codeowners"};

/// Made by programs for programs: text, but nothing that anybody wrote.
constexpr std::string_view kGeneratedEndings[] = {".min.js", ".min.css", "searchindex.js",
                                                  "package-lock.json", "npm-shrinkwrap.json"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

template <class Table>
bool holds(const Table& table, std::string_view name) {
  return std::ranges::find(table, name) != std::end(table);
}

}  // namespace

FileKind kind_of(std::string_view file_name) {
  const auto name = lower(file_name);
  const auto is_end = [&](std::string_view ending) { return name.ends_with(ending); };
  if (std::ranges::any_of(kGeneratedEndings, is_end)) return FileKind::unknown;
  const auto dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0) {
    return holds(kTextNames, name) ? FileKind::text : FileKind::unknown;
  }
  const auto ending = std::string_view(name).substr(dot + 1);
  if (ending == "json" || ending == "geojson" || ending == "jsonc") return FileKind::json;
  if (ending == "html" || ending == "htm" || ending == "xhtml") return FileKind::html;
  if (ending == "pdf") return FileKind::pdf;
  if (ending == "docx" || ending == "docm") return FileKind::docx;
  return holds(kTextEndings, ending) ? FileKind::text : FileKind::unknown;
}

}  // namespace foreword::tools
