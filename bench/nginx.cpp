#include "bench/nginx.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace amends::bench {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no free port");
  ::close(fd);
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool good = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return good;
}

void write_configuration(const std::filesystem::path& dir, std::uint16_t port) {
  std::ofstream file(dir / "nginx.conf");
  file << "daemon off; worker_processes 1; pid " << (dir / "nginx.pid").string()
       << "; error_log stderr error;\n"
       << "events { worker_connections 4096; }\n"
       << "http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; tcp_nodelay on;\n"
       << "  client_body_temp_path " << (dir / "body").string() << "; proxy_temp_path "
       << (dir / "proxy").string() << "; fastcgi_temp_path " << (dir / "fastcgi").string()
       << "; uwsgi_temp_path " << (dir / "uwsgi").string() << "; scgi_temp_path " << (dir / "scgi").string()
       << ";\n"
       << "  server { listen 127.0.0.1:" << port << " backlog=4096; default_type application/json;\n"
       << "    location / { return 200 '{\"token\":\"0123456789abcdef\"}'; } } }\n";
}

}  // namespace

Nginx::Nginx(const std::filesystem::path& dir) : port_(free_port()) {
  std::filesystem::create_directories(dir);
  write_configuration(dir, port_);
  const std::string prefix = dir.string() + "/", configuration = (dir / "nginx.conf").string();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::execlp("nginx", "nginx", "-p", prefix.c_str(), "-c", configuration.c_str(),
             static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 100; ++i) {
    if (answers(port_)) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("nginx did not come up; is it installed? (tools/install_dependencies.sh bench)");
}

Nginx::~Nginx() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace amends::bench
