// What looks like a secret, and so is not handed to a provider by mistake.
//
// Pure. Names and private keys only: a guess at passwords within texts would hide documents.
#pragma once

#include <string_view>

namespace foreword::tools {

/// .env, id_rsa, *.pem, credentials.json and their like.
[[nodiscard]] bool is_secret_name(std::string_view file_name);

/// The header of a private key with key material behind it, in PEM, PGP or PuTTY form, or within a
/// string of JSON. A page that only talks of such headers is none.
[[nodiscard]] bool holds_private_key(std::string_view text);

}  // namespace foreword::tools
