// Reads an error: does it name something that Foreword put into the request? Pure.
//
// It decides whether a request is sent a second time, so it errs on the side of no:
// - Ornaments (breakpoints, key, question for usage, the developer role) are named by the words of
//   their fields. Where the client's own body names the same thing, the error has to point at a
//   block of ours by its index, or it is taken to be about the client's.
// - The knowledge base is only refused where the error says that there is no such place, or that
//   this form does not fit it: its system blocks, its message's role, its system instruction. An
//   error about its size or its text ("prompt is too long", "system.0.text: ...") is for the
//   client to see: an answer that lacks the knowledge base would be a wrong one.
//
// Facts, as providers say it:
// - Anthropic: "system.0.cache_control: Extra inputs are not permitted"; a path, then what is
// wrong.
// - OpenAI: `param` names the member; "Unsupported value: 'messages[0].role' does not support
//   'developer' with this model.".
// - Gemini: `Unknown name "systemInstruction": Cannot find field.`; "Developer instruction is not
//   enabled for models/gemma-3-27b-it".
// - Servers that are only compatible, on FastAPI: {"detail":[{"loc":["body","prompt_cache_key"],
//   "msg":"Extra inputs are not permitted","input":...}]}, where `input` repeats the request and
//   says nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "assembler/additions.h"
#include "config/provider.h"

namespace foreword::proxy {

/// The request that was answered with an error.
struct RefusedRequest {
  config::Operation operation{};
  assembler::Additions added;
  assembler::Additions clients_own;
  /// Blocks of the knowledge base: they stand in front of the client's.
  std::size_t blocks = 0;
};

/// `body` is the error's, decoded: JSON of any shape, or else a text. Nothing: it names nothing of
/// ours for sure.
[[nodiscard]] std::optional<assembler::Addition> find_refused(const RefusedRequest& request,
                                                              std::string_view body);

}  // namespace foreword::proxy
