#include "config/tokens.h"

#include "config/name_table.h"

namespace foreword::config {
namespace {

constexpr std::array kTokenClassNames{
    Named<TokenClass>{TokenClass::input, "input"},
    Named<TokenClass>{TokenClass::cache_read, "cache_read"},
    Named<TokenClass>{TokenClass::cache_write_5m, "cache_write_5m"},
    Named<TokenClass>{TokenClass::cache_write_1h, "cache_write_1h"},
    Named<TokenClass>{TokenClass::cache_write_30m, "cache_write_30m"},
    Named<TokenClass>{TokenClass::cache_write_12h, "cache_write_12h"},
    Named<TokenClass>{TokenClass::output, "output"},
};
static_assert(kTokenClassNames.size() == kTokenClasses);

}  // namespace

std::string_view name_of(TokenClass token_class) {
  return name_in(kTokenClassNames, token_class);
}

}  // namespace foreword::config
