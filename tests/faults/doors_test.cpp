// Who is let in, and whom we believe to be the server: passwords and certificates.
#include <stdlib.h>

#include <fstream>
#include <sstream>

#include "tests/faults/fault_world.hpp"

namespace amends::engine {
namespace {

// Certificates of a folder of its own: two authorities, and a server that the first one knows by one name.
class Certificates {
 public:
  Certificates() {
    std::string name = std::filesystem::temp_directory_path() / "amends-certificates-XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    dir = name;
    make_authority("ca");
    make_authority("other-ca");
    openssl(
        "-subj /CN=server -addext subjectAltName=DNS:db.example -CA ca.crt -CAkey ca.key -keyout server.key"
        " -out server.crt");
  }
  ~Certificates() { std::filesystem::remove_all(dir); }

  std::string text(const std::string& file) const {
    std::stringstream out;
    out << std::ifstream(dir / file).rdbuf();
    return out.str();
  }
  std::filesystem::path dir;

 private:
  void make_authority(const std::string& name) const {
    openssl("-subj /CN=" + name + " -keyout " + name + ".key -out " + name + ".crt");
  }
  void openssl(const std::string& words) const {
    const std::string command =
        "cd " + dir.string() +
        " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        " -days 2 " +
        words + " 2>log";
    EXPECT_EQ(::system(command.c_str()), 0) << text("log");
  }
};

// A server that lets in who comes by TLS and knows the password.
class DoorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    certificates = new Certificates;
    port = testing_support::free_port();
    testing_support::PostgresOptions options;
    options.port = port;
    options.settings = {"listen_addresses=127.0.0.1", "ssl=on", "ssl_cert_file=%DIR%/server.crt",
                        "ssl_key_file=%DIR%/server.key"};
    options.access = "hostssl all all 127.0.0.1/32 scram-sha-256";
    options.files = {{"server.crt", certificates->text("server.crt")},
                     {"server.key", certificates->text("server.key")}};
    server = new PostgresServer(options);
    server->create_database("orders");
    ASSERT_EQ(postgres::migrate(server->url("orders")).error, "");
    server->execute("create role clerk login superuser password 'right'");
  }
  static void TearDownTestSuite() {
    delete server;
    delete certificates;
  }

  static std::string url(const std::string& host, const std::string& password, const std::string& tls) {
    return "postgres://clerk:" + password + "@" + host + ":" + std::to_string(port) +
           "/orders?hostaddr=127.0.0.1&" + tls;
  }
  static std::string verified_by(const std::string& ca) {
    return "sslmode=verify-full&sslrootcert=" + (certificates->dir / ca).string();
  }
  // What opening says; empty when it opens and can be taken over.
  static std::string refusal(const std::string& url) {
    auto opened = postgres::PostgresStore::open(url);
    if (!opened.store) return opened.error;
    return opened.store->take_over("e1", WallTime(std::chrono::seconds(9))).error;
  }

  static inline Certificates* certificates = nullptr;
  static inline PostgresServer* server = nullptr;
  static inline int port = 0;
};

#define EXPECT_SAYS(said, part) EXPECT_NE((said).find(part), std::string::npos) << "said: " << (said)

TEST_F(DoorTest, TheRightNameUnderTheRightAuthorityIsBelieved) {
  EXPECT_EQ(refusal(url("db.example", "right", verified_by("ca.crt"))), "");
}

TEST_F(DoorTest, ACertificateForAnotherNameIsRefused) {
  const std::string said = refusal(url("other.example", "right", verified_by("ca.crt")));

  EXPECT_SAYS(said, "does not match host name \"other.example\"");
}

TEST_F(DoorTest, ACertificateOfAnotherAuthorityIsRefused) {
  EXPECT_SAYS(refusal(url("db.example", "right", verified_by("other-ca.crt"))), "certificate verify failed");
}

TEST_F(DoorTest, AnAuthorityThatIsNotThereIsNamed) {
  const std::string said = refusal(url("db.example", "right", verified_by("nowhere.crt")));

  EXPECT_SAYS(said, "nowhere.crt\" does not exist");
}

TEST_F(DoorTest, AWrongPasswordIsRefusedAndNotRepeated) {
  const std::string said = refusal(url("db.example", "hunter2", verified_by("ca.crt")));

  EXPECT_SAYS(said, "password authentication failed for user \"clerk\"");
  EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
}

TEST_F(DoorTest, AServerThatWantsTlsSaysSo) {
  EXPECT_SAYS(refusal(url("db.example", "right", "sslmode=disable")), "no encryption");
}

TEST_F(DoorTest, AMigrationIsHeldToTheSame) {
  EXPECT_EQ(postgres::migrate(url("db.example", "right", verified_by("ca.crt"))).error, "");
  EXPECT_SAYS(postgres::migrate(url("other.example", "right", verified_by("ca.crt"))).error,
              "does not match");
}

TEST(TlsWeakness, IsNamedOverANetworkAndNowhereElse) {
  using postgres::find_tls_weakness;
  EXPECT_SAYS(find_tls_weakness("postgres://u:secret@db.example/d"), "on db.example");
  EXPECT_SAYS(find_tls_weakness("postgres://u@db.example/d"), "sslmode is prefer");
  EXPECT_SAYS(find_tls_weakness("postgres://u@db.example/d?sslmode=require"), "sslmode is require");
  EXPECT_SAYS(find_tls_weakness("postgres://u@127.0.0.1,db.example/d"), "on db.example");
  EXPECT_SAYS(find_tls_weakness("postgres://u@localhost/d?hostaddr=192.0.2.1"), "on 192.0.2.1");
  for (const std::string safe :
       {"postgres://u@db.example/d?sslmode=verify-full", "postgres://u@127.0.0.1/d", "postgres://u@[::1]/d",
        "postgres://u@/d?host=/run/postgresql", "postgres://u@/d", "nonsense"}) {
    EXPECT_EQ(find_tls_weakness(safe), "") << safe;
  }
}

}  // namespace
}  // namespace amends::engine
