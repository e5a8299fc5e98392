#include "tests/support/postgres.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/check.hpp"
#include "measure/process_cpu.hpp"

// libpqxx 6.4 loses the last result of a connection that broke; the leak sanitizer reads this.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:pqxx::connection_base::exec_prepared\n";
}

namespace amends::testing_support {
namespace {

namespace fs = std::filesystem;

const std::string programs = "/usr/lib/postgresql/15/bin/";

fs::path make_folder(fs::path place = {}) {
  if (place.empty()) place = fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string name = place / "amends-postgres-XXXXXX";
  AMENDS_CHECK(::mkdtemp(name.data()) != nullptr, "no place for temporary files");
  return name;
}

void give_to(const fs::path& path, const passwd& user) {
  const auto chown = [&](const fs::path& one) {
    AMENDS_CHECK(::lchown(one.c_str(), user.pw_uid, user.pw_gid) == 0, "a file cannot be given away");
  };
  chown(path);
  for (const auto& entry : fs::recursive_directory_iterator(path)) chown(entry.path());
}

// Nothing when this program is not root, and the server can run as its user.
const passwd* server_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("nobody");
  AMENDS_CHECK(user != nullptr, "there is no user nobody");
  return user;
}

void give_away(const fs::path& path) {
  if (const passwd* user = server_user()) give_to(path, *user);
}

// Runs it without privileges, its output in `log`; it ends when this program does.
pid_t start_program(std::vector<std::string> words, const fs::path& log, int stop_signal) {
  const passwd* user = server_user();
  const pid_t child = ::fork();
  AMENDS_CHECK(child >= 0, "fork failed");
  if (child > 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (::chdir("/") != 0) ::_exit(126);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0)) {
    ::_exit(126);
  }
  // After setuid, which clears it.
  ::prctl(PR_SET_PDEATHSIG, stop_signal);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

// False for one that is dead and waits for whoever inherited it.
bool is_alive(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return file >> number >> name >> state && state != "Z";
}

// initdb takes a second, a copy of what it makes a few milliseconds.
fs::path ensure_template(int wal_segment_mb) {
  const fs::path made = fs::path(AMENDS_BUILD_DIR) / ("postgres-template-" + std::to_string(wal_segment_mb));
  const int lock = ::open((made.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  AMENDS_CHECK(lock >= 0 && ::flock(lock, LOCK_EX) == 0, "the template cluster cannot be locked");
  if (!fs::exists(made)) {
    const fs::path place = make_folder();
    give_away(place);
    const pid_t child = start_program(
        {programs + "initdb", "-D", (place / "data").string(), "-U", "postgres", "--auth=trust",
         "--encoding=UTF8", "--locale=C", "--wal-segsize=" + std::to_string(wal_segment_mb), "--no-sync"},
        place / "log", SIGKILL);
    AMENDS_CHECK(wait_for(child) == 0, "initdb failed: is postgresql-15 installed?");
    const fs::path draft = made.string() + ".new";
    fs::remove_all(draft);
    fs::copy(place / "data", draft, fs::copy_options::recursive);
    fs::rename(draft, made);
    fs::remove_all(place);
  }
  ::close(lock);
  return made;
}

// A killed server leaves the segment of shared memory that guards its data to whoever starts on them next. Where nobody
// will, it stays until the machine ends, and a machine holds 4096. postmaster.pid names it: line 7, "key id".
void remove_shared_memory(const fs::path& data) {
  std::ifstream file(data / "postmaster.pid");
  std::string line;
  for (int number = 1; number < 7; ++number) std::getline(file, line);
  if (long key = 0, id = 0; file >> key >> id) ::shmctl(static_cast<int>(id), IPC_RMID, nullptr);
}

}  // namespace

PostgresServer::PostgresServer(PostgresOptions options)
    : options_(std::move(options)), dir_(make_folder(options_.place)) {
  fs::copy(ensure_template(options_.wal_segment_mb), dir_ / "data", fs::copy_options::recursive);
  fs::permissions(dir_ / "data", fs::perms::owner_all);
  for (const auto& [name, text] : options_.files) {
    std::ofstream(dir_ / name) << text;
    fs::permissions(dir_ / name, fs::perms::owner_read | fs::perms::owner_write);
  }
  if (!options_.access.empty())
    std::ofstream(dir_ / "data/pg_hba.conf") << options_.access << "\nlocal all all trust\n";
  give_away(dir_);
  start();
}

PostgresServer::~PostgresServer() {
  crash();
  remove_shared_memory(dir_ / "data");
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

std::string PostgresServer::url(const std::string& database, const std::string& user) const {
  return "postgres://" + user + "@/" + database + "?host=" + dir_.string() +
         (options_.port == 5432 ? "" : "&port=" + std::to_string(options_.port));
}

void PostgresServer::start() {
  AMENDS_CHECK(pid_ == 0, "the server runs already");
  std::vector<std::string> words = {programs + "postgres", "-D", (dir_ / "data").string(), "-k",
                                    dir_.string()};
  for (const std::string& setting :
       {std::string("listen_addresses="), "port=" + std::to_string(options_.port), std::string("fsync=on"),
        std::string("max_connections=60"), std::string("autovacuum=off"),
        "shared_buffers=" + options_.shared_buffers,
        "min_wal_size=" + std::to_string(2 * options_.wal_segment_mb) + "MB",
        "max_wal_size=" + options_.max_wal_size, std::string("log_min_messages=warning"),
        std::string("dynamic_shared_memory_type=mmap")}) {
    words.insert(words.end(), {"-c", setting});
  }
  for (std::string setting : options_.settings) {
    constexpr std::string_view mark = "%DIR%";
    if (const auto at = setting.find(mark); at != std::string::npos)
      setting.replace(at, mark.size(), dir_.string());
    words.insert(words.end(), {"-c", setting});
  }
  if (!options_.preload.empty())
    words.insert(words.begin(), {"/usr/bin/env", "LD_PRELOAD=" + options_.preload});
  pid_ = start_program(words, dir_ / "log", SIGQUIT);
  for (int tries = 0; ::PQping(url().c_str()) != PQPING_OK; ++tries) {
    AMENDS_CHECK(tries < 3000, "PostgreSQL does not start");
    AMENDS_CHECK(::waitpid(pid_, nullptr, WNOHANG) == 0, "PostgreSQL ended at once");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void PostgresServer::crash() {
  if (pid_ == 0) return;
  // Stopped first, so that it starts no further process meanwhile.
  ::kill(pid_, SIGSTOP);
  const std::vector<pid_t> all = processes();
  for (const pid_t pid : all) ::kill(pid, SIGKILL);
  wait_for(pid_);
  // The next server refuses to start while a process of this one is left.
  for (const pid_t pid : all) {
    while (is_alive(pid)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  pid_ = 0;
}

double PostgresServer::cpu_seconds() const {
  return measure::server_cpu_seconds(pid_);
}

std::vector<pid_t> PostgresServer::processes() const {
  std::vector<pid_t> out = measure::children_of(pid_);
  out.push_back(pid_);
  return out;
}

void PostgresServer::stop(Stop how) {
  ::kill(pid_, how == Stop::fast ? SIGINT : SIGQUIT);
  wait_for(std::exchange(pid_, 0));
}

void PostgresServer::pause() {
  // The server first, so that it starts no further process meanwhile.
  ::kill(pid_, SIGSTOP);
  for (const pid_t pid : processes()) ::kill(pid, SIGSTOP);
}

void PostgresServer::resume() {
  for (const pid_t pid : processes()) ::kill(pid, SIGCONT);
}

bool PostgresServer::has_ended() {
  if (pid_ != 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
  return pid_ == 0;
}

void PostgresServer::create_database(const std::string& name) {
  execute("create database " + name);
}

void PostgresServer::execute(const std::string& sql, const std::string& database) {
  PostgresSession(url(database)).ask(sql);
}

struct PostgresSession::Connection {
  PGconn* connection;
};

PostgresSession::PostgresSession(const std::string& url)
    : connection_(new Connection{::PQconnectdb(url.c_str())}) {}

PostgresSession::~PostgresSession() {
  ::PQfinish(connection_->connection);
}

std::string PostgresSession::ask(const std::string& sql) {
  PGresult* result = ::PQexec(connection_->connection, sql.c_str());
  const auto status = ::PQresultStatus(result);
  AMENDS_CHECK(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK,
               ::PQerrorMessage(connection_->connection));
  const std::string out = ::PQntuples(result) > 0 ? ::PQgetvalue(result, 0, 0) : "";
  ::PQclear(result);
  return out;
}

void PostgresSession::wait_until(const std::string& sql) {
  for (int tries = 0; ask(sql) != "t"; ++tries) {
    AMENDS_CHECK(tries < 10'000, "what the test waits for does not come");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  AMENDS_CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0, "there is no free port");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

PostgresServer& postgres_server() {
  static PostgresServer server;
  return server;
}

}  // namespace amends::testing_support
