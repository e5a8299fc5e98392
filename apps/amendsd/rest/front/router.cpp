#include "apps/amendsd/rest/front/router.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace amends::rest {
namespace {

Answer internal_error() {
  return problem({500, "internal-error", "Internal error", "The request failed inside the server."});
}

// One request's bytes for the router. What it writes is not kept: take_answer has the answer before.
class RequestStream : public httplib::Stream {
 public:
  RequestStream(std::string line, const std::string& body, const Peer& peer)
      : line_(std::move(line)), body_(body), peer_(peer) {}

  bool is_readable() const override { return at_ < line_.size() + body_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* into, std::size_t size) override {
    bool in_line = at_ < line_.size();
    const std::string& from = in_line ? line_ : body_;
    std::size_t offset = in_line ? at_ : at_ - line_.size();
    std::size_t count = std::min(size, from.size() - offset);
    std::memcpy(into, from.data() + offset, count);
    at_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char*, std::size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = peer_.address;
    port = peer_.port;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return 0; }

 private:
  std::string line_;
  const std::string& body_;
  const Peer& peer_;
  std::size_t at_ = 0;
};

// The answer of the request that this worker is serving.
thread_local std::optional<Answer>* taken = nullptr;

void take_answer(const httplib::Request&, httplib::Response& res) {
  Answer answer{.status = res.status, .body = std::move(res.body), .content_type = "", .headers = {}};
  res.body.clear();
  for (auto& [name, value] : res.headers) {
    if (strcasecmp(name.c_str(), "content-type") == 0)
      answer.content_type = value;
    else
      answer.headers.push_back({name, value});  // the front leaves out what it owns
  }
  *taken = std::move(answer);
}

// Errors that no route worded: unknown paths, bodies that the router could not take.
httplib::Server::HandlerResponse word_error(const httplib::Request&, httplib::Response& res) {
  if (!res.body.empty()) return httplib::Server::HandlerResponse::Unhandled;
  if (res.status == 404)
    put(problem({404, "not-found", "Not found", "There is nothing under this path and method."}), res);
  else
    put(problem(
            {res.status, "request-failed", reason_phrase(res.status), "The request could not be served."}),
        res);
  return httplib::Server::HandlerResponse::Handled;
}

// The router splits at every '?', so one inside the query would cut the rest off.
std::string request_line(const Request& request) {
  std::string line = request.method + " ";
  std::size_t question = request.target.find('?');
  for (std::size_t i = 0; i < request.target.size(); ++i) {
    if (request.target[i] == '?' && i != question)
      line += "%3F";
    else
      line += request.target[i];
  }
  return line + " HTTP/1.1\r\n\r\n";
}

}  // namespace

Router::Router() {
  set_exception_handler([](const httplib::Request&, httplib::Response& res, std::exception_ptr) {
    res.headers.clear();
    put(internal_error(), res);
    current_exchange().fail(internal_error());
  });
  set_error_handler(HandlerWithResponse(word_error));
  set_post_routing_handler(take_answer);
}

void Router::serve(Request request, const Peer& peer, Exchange& exchange) {
  std::optional<Answer> answer;
  taken = &answer;
  RequestStream stream(request_line(request), request.body, peer);
  bool closed = false;
  // Headers go in as values, past the router's own header reader, which would percent-decode them.
  process_request(stream, true, closed, [&request](httplib::Request& to) {
    for (Header& header : request.headers)
      to.headers.emplace(std::move(header.name), std::move(header.value));
  });
  taken = nullptr;
  exchange.finish(answer ? std::move(*answer) : internal_error());
}

void put(Answer answer, httplib::Response& into) {
  into.status = answer.status;
  into.set_content(answer.body, answer.content_type);
  for (Header& header : answer.headers) into.set_header(header.name, header.value);
}

}  // namespace amends::rest
