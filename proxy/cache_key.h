// What Foreword sends as prompt_cache_key: whether, of what, and in which of several forms.
//
// - A client's own key is the client's, null included: nothing is sent then.
// - With a knowledge base, the base's: requests that share it meet where it is warm.
// - Without, the front of the prompt itself: its tools and instructions, where they are long enough
//   to be cached (shorter ones share nothing, and a key would only crowd conversations together).
//   Not from gpt-5.6 on: there a key is optional, routes nothing, and keeps caches apart (a changed
//   key is a reason for a miss), so that one of ours could only part a client's traffic through
//   Foreword from the rest of it. Nor for models that are not in the table: many servers that are
//   only compatible refuse what they do not know.
// - Several keys for a busy prefix (affinity.h): only for models of the table before gpt-5.6.
//
// Pure but for the counting in Affinity. Source: OpenAI's guide to prompt caching (2026-10).
#pragma once

#include <string>
#include <string_view>

#include "assembler/outline.h"
#include "config/models.h"
#include "proxy/affinity.h"

namespace foreword::proxy {

struct KeyedPrompt {
  const assembler::Outline* outline = nullptr;
  std::string_view body;
  /// nullptr: not in the table.
  const config::Model* model = nullptr;
  /// Names the knowledge base that goes in front; empty: none does.
  std::string_view kb_key;
  /// What keeps caches apart beside the model: the upstream and the client's credentials. Only its
  /// hash is kept.
  std::string_view scope;
};

/// Empty: none is sent.
[[nodiscard]] std::string choose_cache_key(const KeyedPrompt& prompt, Affinity& affinity,
                                           AffinityTime now);

}  // namespace foreword::proxy
