#include "tests/adapters/effect/http/tls_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

namespace amends::tests {

struct TlsServer::Parts {
  SSL_CTX* context = nullptr;
  int listener = -1;
  std::uint16_t port = 0;
  std::string ca_file;
  std::atomic<bool> stopping{false};
  std::thread thread;

  void serve() {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    for (;;) {
      const int socket = accept(listener, nullptr, nullptr);
      if (socket < 0 || stopping) return;
      SSL* tls = SSL_new(context);
      SSL_set_fd(tls, socket);
      char request[4096];
      if (SSL_accept(tls) == 1 && SSL_read(tls, request, sizeof request) > 0) {
        static constexpr char answer[] =
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nnull";
        SSL_write(tls, answer, sizeof answer - 1);
        SSL_shutdown(tls);
      }
      SSL_free(tls);
      close(socket);
    }
  }
};

TlsServer::TlsServer(const std::string& subject_address, long days) : parts_(std::make_unique<Parts>()) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -200L * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86'400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1,
                             0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* san = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_address.c_str());
  X509_add_ext(certificate, san, -1);
  X509_EXTENSION_free(san);
  X509_sign(certificate, key, EVP_sha256());

  parts_->context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate(parts_->context, certificate);
  SSL_CTX_use_PrivateKey(parts_->context, key);
  parts_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(parts_->listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(parts_->listener, 16), 0);
  EXPECT_EQ(getsockname(parts_->listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  parts_->port = ntohs(address.sin_port);
  parts_->ca_file = testing::TempDir() + "amends_tls_" + std::to_string(parts_->port) + ".pem";
  if (std::FILE* file = std::fopen(parts_->ca_file.c_str(), "w")) {
    PEM_write_X509(file, certificate);
    std::fclose(file);
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  parts_->thread = std::thread([parts = parts_.get()] { parts->serve(); });
}

TlsServer::~TlsServer() {
  parts_->stopping = true;
  shutdown(parts_->listener, SHUT_RDWR);
  parts_->thread.join();
  close(parts_->listener);
  SSL_CTX_free(parts_->context);
  std::remove(parts_->ca_file.c_str());
}

std::string TlsServer::url() const {
  return "https://127.0.0.1:" + std::to_string(parts_->port);
}

const std::string& TlsServer::ca_file() const {
  return parts_->ca_file;
}

}  // namespace amends::tests
