// Refusals and failures in the words and shapes of each provider.
//
// Pure. Messages name fields and numbers, never the text of a prompt.
#pragma once

#include <string>
#include <utility>

#include <boost/system/result.hpp>

#include "config/provider.h"
#include "simulator/http_message.h"

namespace foreword::simulator {

/// Why a request is not served. `param` and `code` are OpenAI's; the other two ignore them.
struct ApiError {
  ApiError() = default;
  ApiError(unsigned http_status, std::string text, std::string openai_param = {},
           std::string openai_code = {})
      : status(http_status),
        message(std::move(text)),
        param(std::move(openai_param)),
        code(std::move(openai_code)) {}

  unsigned status = 400;
  std::string message;
  std::string param;
  std::string code;
};

template <class T>
using Parsed = boost::system::result<T, ApiError>;

/// Which API's habits a reply has to follow: the two of OpenAI stream differently.
enum class Dialect : std::uint8_t { anthropic, openai_chat, openai_responses, gemini };

[[nodiscard]] config::Provider provider_of(Dialect dialect);

/// The body of an error reply.
[[nodiscard]] std::string error_body(config::Provider provider, const ApiError& error,
                                     std::string_view request_id);

/// A failure after the head of a stream has gone out, as one event of that stream.
[[nodiscard]] std::string error_event(Dialect dialect, const ApiError& error);

/// What it says of a member that it does not know.
[[nodiscard]] ApiError unknown_member(config::Provider provider, std::string_view name);

/// What a provider says when it answers with that status for no fault of the request.
[[nodiscard]] ApiError failure_of(config::Provider provider, unsigned status);

}  // namespace foreword::simulator
