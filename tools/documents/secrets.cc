#include "tools/documents/secrets.h"

#include <algorithm>
#include <string>

namespace foreword::tools {
namespace {

constexpr std::string_view kNames[] = {".env",
                                       ".netrc",
                                       "_netrc",
                                       ".pgpass",
                                       ".htpasswd",
                                       ".npmrc",
                                       ".pypirc",
                                       ".git-credentials",
                                       ".dockercfg",
                                       ".s3cfg",
                                       "credentials",
                                       "credentials.json",
                                       "credentials.yml",
                                       "credentials.yaml",
                                       "secrets.json",
                                       "secrets.yml",
                                       "secrets.yaml",
                                       "secrets.toml",
                                       "secrets.env",
                                       "master.key",
                                       "id_rsa",
                                       "id_dsa",
                                       "id_ecdsa",
                                       "id_ed25519",
                                       "kubeconfig",
                                       "shadow",
                                       "service-account.json",
                                       "service_account.json",
                                       "terraform.tfstate"};

constexpr std::string_view kEndings[] = {".pem",      ".key",  ".p12", ".pfx",    ".jks",
                                         ".keystore", ".kdbx", ".ppk", ".tfvars", ".tfstate",
                                         ".asc.key",  ".env",  ".ovpn"};

/// A line of a key is 64 characters, or 70 of OpenSSH.
constexpr std::size_t kLeastKeyRun = 40;
/// Headers and line ends of an encrypted key stand before its material.
constexpr std::size_t kLookAhead = 512;

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '=';
}

bool has_key_material(std::string_view text) {
  std::size_t run = 0;
  for (const char c : text.substr(0, kLookAhead)) {
    run = is_base64(c) ? run + 1 : 0;
    if (run >= kLeastKeyRun) return true;
  }
  return false;
}

bool has_material_behind(std::string_view text, std::string_view header) {
  for (auto at = text.find(header); at != std::string_view::npos; at = text.find(header, at + 1)) {
    if (has_key_material(text.substr(at + header.size()))) return true;
  }
  return false;
}

}  // namespace

bool is_secret_name(std::string_view file_name) {
  std::string name(file_name);
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(kNames, name) != std::end(kNames) || name.starts_with(".env.") ||
         std::ranges::any_of(kEndings, [&](auto ending) { return name.ends_with(ending); });
}

bool holds_private_key(std::string_view text) {
  return has_material_behind(text, "PRIVATE KEY-----") ||
         has_material_behind(text, "PRIVATE KEY BLOCK-----") ||
         has_material_behind(text, "Private-Lines:");
}

}  // namespace foreword::tools
