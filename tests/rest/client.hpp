// A client that does with a socket what no HTTP library would.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amends::rest {

struct Reply {
  int status = 0;  // 0: the connection ended without an answer
  std::string head;
  std::string body;
  bool has(std::string_view header_line) const { return head.find(header_line) != std::string::npos; }
};

// One thread. Every wait is bounded.
class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when the server closed while sending.
  bool send(std::string_view bytes);
  // One answer, by its Content-Length (none for a HEAD).
  Reply read(std::chrono::milliseconds patience = std::chrono::seconds(5), bool head_only = false);
  Reply ask(std::string_view bytes) {
    send(bytes);
    return read();
  }
  // True when the server ends the connection in order, false when it resets it or keeps it open.
  bool ended(std::chrono::milliseconds patience = std::chrono::seconds(5));
  void shut_sending();
  // Like a process that is killed.
  void reset();

 private:
  // Bytes read; 0 at the end, -1 on failure or when patience is over.
  long receive(char* into, std::size_t size, std::chrono::steady_clock::time_point until);
  int fd_;
  std::string rest_;
};

std::string get(std::string_view path);
std::string post(std::string_view path, std::string_view body);

// Resident memory of this process.
std::size_t resident_bytes();

}  // namespace amends::rest
