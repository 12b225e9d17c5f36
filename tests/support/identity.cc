#include "support/identity.h"

#include <cstdio>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace foreword::test {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;
using File = std::shared_ptr<std::FILE>;

File open_file(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode), [](std::FILE* f) {
    if (f != nullptr) std::fclose(f);
  });
  if (!file) throw std::runtime_error("cannot open " + path);
  return file;
}

Key read_key(const Identity& identity) {
  const auto file = open_file(identity.key_file, "r");
  return Key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
}

void name_issuer(X509* certificate, const Identity* issuer) {
  auto* own_name = X509_get_subject_name(certificate);
  if (issuer == nullptr) {
    X509_set_issuer_name(certificate, own_name);
    return;
  }
  const auto file = open_file(issuer->certificate_file, "r");
  const Certificate read(PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  X509_set_issuer_name(certificate, X509_get_subject_name(read.get()));
}

void add_extension(X509* certificate, int id, const std::string& value) {
  const std::shared_ptr<X509_EXTENSION> made(
      X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()), X509_EXTENSION_free);
  X509_add_ext(certificate, made.get(), -1);
}

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

}  // namespace

Identity make_identity(const std::filesystem::path& folder, const std::string& name,
                       const CertificateText& text) {
  char curve[] = "P-256";
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), EVP_PKEY_free);
  const Certificate made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), text.serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), text.begins);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), text.ends);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  name_issuer(made.get(), text.issuer);
  add_extension(made.get(), NID_subject_alt_name, text.names);
  if (text.issuer == nullptr) add_extension(made.get(), NID_basic_constraints, "CA:TRUE");
  const auto signer = text.issuer == nullptr ? key : read_key(*text.issuer);
  check(X509_sign(made.get(), signer.get(), EVP_sha256()) > 0, "cannot sign a certificate");

  Identity identity{(folder / (name + ".cert.pem")).string(),
                    (folder / (name + ".key.pem")).string()};
  PEM_write_X509(open_file(identity.certificate_file, "w").get(), made.get());
  PEM_write_PrivateKey(open_file(identity.key_file, "w").get(), key.get(), nullptr, nullptr, 0,
                       nullptr, nullptr);
  return identity;
}

std::string encrypt_key(const Identity& identity) {
  const auto path = identity.key_file + ".encrypted";
  const std::string passphrase = "secret";
  PEM_write_PrivateKey(open_file(path, "w").get(), read_key(identity).get(), EVP_aes_128_cbc(),
                       reinterpret_cast<const unsigned char*>(passphrase.data()),
                       static_cast<int>(passphrase.size()), nullptr, nullptr);
  return path;
}

TlsContext server_context(const Identity& identity) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  check(SSL_CTX_use_certificate_chain_file(context.get(), identity.certificate_file.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context.get(), identity.key_file.c_str(),
                                        SSL_FILETYPE_PEM) == 1,
        "cannot use a certificate");
  return context;
}

TlsContext client_context(const Identity& ca) {
  TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  check(SSL_CTX_load_verify_file(context.get(), ca.certificate_file.c_str()) == 1,
        "cannot trust a certificate");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace foreword::test
