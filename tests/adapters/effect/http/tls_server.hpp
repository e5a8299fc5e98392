// A TLS server on a free port with a fresh self-signed certificate; answers every connection with `null`.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace amends::tests {

class TlsServer {
 public:
  // `subject_address` goes into the certificate's SAN ("IP:127.0.0.1"); valid for `days` from now, which may
  // be negative. The certificate is written to ca_file().
  TlsServer(const std::string& subject_address, long days);
  ~TlsServer();

  std::string url() const;
  const std::string& ca_file() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace amends::tests
