// Certificates that a test makes for itself, and TLS contexts for the peers that it plays.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace foreword::test {

/// A certificate and its private key, as PEM files.
struct Identity {
  std::string certificate_file;
  std::string key_file;
};

/// What a certificate says. Times are seconds from now.
struct CertificateText {
  std::string names = "IP:127.0.0.1";  // as OpenSSL writes subjectAltName
  long begins = -60;
  long ends = 3600;
  int serial = 1;
  const Identity* issuer = nullptr;  // itself, where there is no other
};

/// Writes FOLDER/NAME.cert.pem and FOLDER/NAME.key.pem.
Identity make_identity(const std::filesystem::path& folder, const std::string& name = "test",
                       const CertificateText& text = {});
/// The same key, encrypted with a passphrase: the file's path.
std::string encrypt_key(const Identity& identity);

using TlsContext = std::shared_ptr<SSL_CTX>;
/// Shows `identity` to its clients.
[[nodiscard]] TlsContext server_context(const Identity& identity);
/// Trusts nobody but `ca`; checks no names.
[[nodiscard]] TlsContext client_context(const Identity& ca);

}  // namespace foreword::test
