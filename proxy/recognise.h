// Which upstream a request is for, what it asks, and which knowledge base goes with it. Pure.
//
// Never guesses: a path that is not known goes through untouched.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "proxy/failure.h"
#include "proxy/head.h"

namespace foreword::proxy {

struct Call {
  const config::UpstreamSettings* upstream = nullptr;  // into the settings
  config::Operation operation = config::Operation::other;
  config::Mode mode = config::Mode::optimize;
  /// Path and query for the upstream, the proxy's own prefixes taken off; bytes as they came.
  std::string target;
  std::string kb;     // one or several, as config::join_kb_set() writes them; empty: none
  std::string label;  // empty: none
  /// Gemini names both in the path.
  std::string path_model;
  bool path_stream = false;
  /// The alias ([alias] in the settings) that the path named, which `target` and `path_model` have
  /// resolved; empty: none.
  std::string path_alias;
  /// There are aliases, so that a body may name one.
  bool may_name_alias = false;
  /// The prompt is only to be counted: with its knowledge base, but no answer is paid for.
  bool only_counts = false;

  /// Is the body to be read as a prompt?
  [[nodiscard]] bool reads_prompt() const {
    if (operation == config::Operation::other || mode == config::Mode::off) return false;
    return !only_counts || may_name_alias || (mode == config::Mode::optimize && !kb.empty());
  }
  /// May something go in? A count without a knowledge base is only looked at for an alias.
  [[nodiscard]] bool plans() const {
    return mode == config::Mode::optimize && (!only_counts || !kb.empty());
  }
};

/// The way, in this order: `/kb/NAME` and the name of an upstream are taken off the front of the
/// path (in either order); else the path's own shape; else the headers: anthropic-version,
/// x-goog-api-key or ?key=; else OpenAI. The provider that was found is set in `call` even when a
/// Failure is returned, so that the error has its shape. Knowledge bases are those that the header
/// names, else the path, else the settings for the label, else those for all. An alias in a Gemini
/// path is replaced by its model, unless mode is off.
[[nodiscard]] std::optional<Failure> recognise(const RequestHead& head,
                                               const config::Settings& settings, Call& call);

}  // namespace foreword::proxy
