// A participant on a raw socket that answers byte for byte what the test says, good manners or not.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace amends::tests {

struct SeenRequest {
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> headers;  // as sent
  std::size_t connection = 0;                                // from 1, in the order of accepting

  // The first of that name, whatever its case; empty when there is none.
  std::string header(const std::string& name) const;
};

// What to do about a request.
struct Script {
  std::string bytes;    // sent first
  std::string endless;  // then this, over and over, up to endless_max bytes
  std::size_t endless_max = 0;
  bool hold = false;   // then nothing, until release() or the client hangs up
  bool close = false;  // then close
  bool reset = false;  // then close with a RST
};

// "HTTP/1.1 201 ..." with Content-Length, kept alive. `headers` are whole lines, each ended by \r\n.
Script reply(int status, const std::string& body, const std::string& headers = "");

// One thread serves all connections. The handler runs on it.
class ScriptedParticipant {
 public:
  using Handler = std::function<Script(const SeenRequest&)>;

  // `greeting` is sent to every connection before anything is read.
  explicit ScriptedParticipant(Handler handler, std::string greeting = "");
  ~ScriptedParticipant();
  ScriptedParticipant(const ScriptedParticipant&) = delete;
  ScriptedParticipant& operator=(const ScriptedParticipant&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::vector<SeenRequest> requests() const;
  std::size_t connections() const;
  // Waits until `count` requests were read in all; false when they did not come in a generous time.
  bool wait_for_requests(std::size_t count, std::chrono::seconds limit = std::chrono::seconds(30)) const;
  // Answers everything that is held, now and from now on.
  void release(Script script);

 private:
  struct Connection;

  void run();
  void accept_all();
  void read_some(Connection& connection);
  bool take_request(Connection& connection);
  void play(Connection& connection, Script script);
  void write_some(Connection& connection);
  void wake() const;

  Handler handler_;
  std::string greeting_;
  int listener_ = -1, wake_ = -1;
  std::uint16_t port_ = 0;
  std::map<int, Connection> open_;  // the thread's own

  mutable std::mutex mutex_;  // over everything below
  mutable std::condition_variable seen_changed_;
  std::vector<SeenRequest> seen_;
  std::size_t accepted_ = 0;
  bool stopping_ = false, releasing_ = false;
  Script release_;

  std::thread thread_;
};

}  // namespace amends::tests
