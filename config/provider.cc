#include "config/provider.h"

#include "config/name_table.h"

namespace foreword::config {
namespace {

constexpr std::array kProviders{
    Named<Provider>{Provider::anthropic, "anthropic"},
    Named<Provider>{Provider::openai, "openai"},
    Named<Provider>{Provider::gemini, "gemini"},
};

constexpr std::array kOperations{
    Named<Operation>{Operation::other, "other"},
    Named<Operation>{Operation::messages, "messages"},
    Named<Operation>{Operation::chat_completions, "chat_completions"},
    Named<Operation>{Operation::responses, "responses"},
    Named<Operation>{Operation::generate_content, "generate_content"},
};

constexpr std::array kModes{
    Named<Mode>{Mode::off, "off"},
    Named<Mode>{Mode::observe, "observe"},
    Named<Mode>{Mode::optimize, "optimize"},
};

}  // namespace

std::string_view name_of(Provider provider) {
  return name_in(kProviders, provider);
}
std::string_view name_of(Operation operation) {
  return name_in(kOperations, operation);
}
std::string_view name_of(Mode mode) {
  return name_in(kModes, mode);
}

std::optional<Provider> parse_provider(std::string_view name) {
  return value_in(kProviders, name);
}
std::optional<Operation> parse_operation(std::string_view name) {
  return value_in(kOperations, name);
}
std::optional<Mode> parse_mode(std::string_view name) {
  return value_in(kModes, name);
}

}  // namespace foreword::config
