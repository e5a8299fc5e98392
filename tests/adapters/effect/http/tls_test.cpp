#include "tests/adapters/effect/http/http_fixture.hpp"
#include "tests/adapters/effect/http/tls_server.hpp"

namespace amends::http {
namespace {

TEST_F(HttpTest, ACertificateFromTheEndpointsOwnAuthorityIsTrusted) {
  tests::TlsServer server("IP:127.0.0.1", 10);
  endpoint = endpoint_at(server.url());
  endpoint.ca_file = server.ca_file();
  const auto answer = ask();
  EXPECT_EQ(answer.outcome, Outcome::done) << answer.error;
}

TEST_F(HttpTest, ASelfSignedCertificateIsNotTrustedByDefault) {
  tests::TlsServer server("IP:127.0.0.1", 10);
  endpoint = endpoint_at(server.url());
  const auto answer = ask();
  EXPECT_EQ(answer.outcome, Outcome::transient);
  EXPECT_EQ(answer.error_class, "tls_untrusted") << answer.error;
}

TEST_F(HttpTest, ACertificateForAnotherNameIsNotTrusted) {
  tests::TlsServer server("DNS:other.example", 10);
  endpoint = endpoint_at(server.url());
  endpoint.ca_file = server.ca_file();
  EXPECT_EQ(ask().error_class, "tls_untrusted");
}

TEST_F(HttpTest, AnExpiredCertificateIsNotTrusted) {
  tests::TlsServer server("IP:127.0.0.1", -1);
  endpoint = endpoint_at(server.url());
  endpoint.ca_file = server.ca_file();
  EXPECT_EQ(ask().error_class, "tls_untrusted");
}

TEST_F(HttpTest, APlainServerFailsTheHandshakeAndSeesNoRequest) {
  const auto handler = [](const SeenRequest&) { return reply(200, "1"); };
  participant = std::make_unique<ScriptedParticipant>(handler, "HTTP/1.1 400 Bad Request\r\n\r\n");
  endpoint = endpoint_at("https://127.0.0.1:" + std::to_string(participant->port()));
  const auto answer = ask();
  EXPECT_EQ(answer.outcome, Outcome::transient);
  EXPECT_EQ(answer.error_class, "tls") << answer.error;
  EXPECT_TRUE(participant->requests().empty());
}

TEST_F(HttpTest, AServerThatDoesNotShakeHandsIsTransient) {
  serve(reply(200, "1"));
  endpoint.base_url.replace(0, 4, "https");
  options.connect_timeout = std::chrono::milliseconds(100);
  const auto answer = ask();
  EXPECT_EQ(answer.outcome, Outcome::transient);
  EXPECT_EQ(answer.error_class, "connect_timeout") << answer.error;
}

}  // namespace
}  // namespace amends::http
