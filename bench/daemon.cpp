#include "bench/daemon.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace amends::bench {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

pid_t start(std::vector<std::string> words, const std::filesystem::path& log) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

std::size_t keep(char* data, std::size_t, std::size_t size, void* to) {
  static_cast<std::string*>(to)->append(data, size);
  return size;
}

// The status and the body of the answer.
std::pair<long, std::string> call(const std::string& url, const std::string* body) {
  // One thread calls: a connection is kept from call to call.
  static const std::unique_ptr<CURL, void (*)(CURL*)> curl(::curl_easy_init(), ::curl_easy_cleanup);
  ::curl_easy_reset(curl.get());
  std::string answer;
  ::curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, keep);
  ::curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
  ::curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 60L);
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(
      ::curl_slist_append(nullptr, "Content-Type: application/json"), ::curl_slist_free_all);
  headers.reset(::curl_slist_append(headers.release(), "Expect:"));
  ::curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  if (body != nullptr) {
    ::curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body->c_str());
    ::curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
  }
  const CURLcode code = ::curl_easy_perform(curl.get());
  if (code != CURLE_OK) throw std::runtime_error(url + ": " + ::curl_easy_strerror(code));
  long status = 0;
  ::curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return {status, std::move(answer)};
}

}  // namespace

Daemon::Daemon(const DaemonSetting& setting, const std::filesystem::path& dir) {
  std::filesystem::create_directories(dir);
  const auto ready = dir / "ready", log = dir / "log", config = dir / "amendsd.toml";
  std::filesystem::remove(ready);
  std::ofstream(config) << "[server]\nlisten = \"127.0.0.1:0\"\n[engine]\nid = \"" << setting.engine_id
                        << "\"\nwriters = " << setting.writers << "\n[store]\nurl = \"" << setting.store_url
                        << "\"\n[plugins]\npaths = [\"" << setting.plugin.string() << "\"]\n"
                        << setting.endpoints;
  pid_ = start(
      {(setting.programs / "amendsd").string(), "--config", config.string(), "--ready-file", ready.string()},
      log);
  for (int tries = 0; tries < 6'000; ++tries) {
    url_ = read_text(ready);
    if (!url_.empty() && url_.back() == '\n') url_.pop_back();
    if (!url_.empty()) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill();
  throw std::runtime_error("amendsd does not serve: " + read_text(log));
}

Daemon::~Daemon() {
  kill();
}

void Daemon::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::uint64_t Daemon::resident_bytes() const {
  std::istringstream statm(read_text("/proc/" + std::to_string(pid_) + "/statm"));
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

long Daemon::post(const std::string& path, const std::string& body) const {
  return call(url_ + path, &body).first;
}

std::string Daemon::get(const std::string& path) const {
  return call(url_ + path, nullptr).second;
}

std::string start_of(const std::string& workflow) {
  return R"({"workflow":")" + workflow +
         R"(","input":{"order_id":"SO-1000000","customer":"customer-17","note":"one hundred and fifty bytes)"
         R"( of payload, more or less, as an order has","cents":4200}})";
}

std::string batch_of(const std::string& workflow, int count) {
  std::string out = R"({"sagas":[)";
  for (int i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + start_of(workflow);
  return out + "]}";
}

double post_load(const std::string& url, const std::string& body, int connections, double seconds,
                 const std::filesystem::path& dir) {
  std::filesystem::create_directories(dir);
  const auto script = dir / "post.lua", log = dir / "wrk.log";
  std::ofstream(script)
      << "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [[" << body
      << "]]\n";
  const pid_t child =
      start({"wrk", "-t1", "-c" + std::to_string(connections),
             "-d" + std::to_string(std::max(1, static_cast<int>(seconds))) + "s", "-s", script.string(), url},
            log);
  int status = 0;
  ::waitpid(child, &status, 0);
  const std::string said = read_text(log);
  const auto at = said.find("Requests/sec:");
  if (status != 0 || at == std::string::npos)
    throw std::runtime_error("wrk failed (is it installed?): " + said);
  if (said.find("Non-2xx") != std::string::npos || said.find("Socket errors") != std::string::npos)
    throw std::runtime_error("a request was not answered well: " + said);
  return std::stod(said.substr(at + 13));
}

Silence::Silence() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd_, 64) != 0 ||
      ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no free port");
  port_ = ntohs(address.sin_port);
}

Silence::~Silence() {
  ::close(fd_);
}

// The connection stays open until this process ends.
bool Silence::wait(double seconds) {
  pollfd waited{fd_, POLLIN, 0};
  if (::poll(&waited, 1, static_cast<int>(seconds * 1e3)) <= 0) return false;
  return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC) >= 0;
}

}  // namespace amends::bench
