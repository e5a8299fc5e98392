// One attempt on the wire: an easy handle with everything that must outlive the transfer. Pooled by its lane
// for its strings. One thread.
#pragma once
#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

#include "adapters/effect/http/endpoint.hpp"
#include "adapters/effect/http/exchange.hpp"
#include "adapters/effect/http/header_block.hpp"
#include "adapters/effect/http/request_data.hpp"
#include "engine/ports/effect.hpp"

namespace amends::http {

// What was submitted and is not yet answered.
struct Pending {
  engine::Attempt attempt;
  engine::ReplySink* sink = nullptr;
};

class Call {
 public:
  // All three outlive the call.
  Call(Endpoint& endpoint, const HttpOptions& options, const std::function<engine::WallTime()>& wall);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Makes a handle that is ready to be added to a multi; the one before it must be off its own. The request's
  // strings point into the attempt's request.
  void prepare(Pending pending, const RequestData& request, std::string_view bearer);
  // What came of it; `code` is the transfer's. Call it before the handle is prepared again.
  Exchange finish(CURLcode code);
  // The same for a transfer that was taken off before its end.
  Exchange finish_stopped();

  CURL* handle() { return easy_.get(); }
  const engine::Attempt& attempt() const { return pending_.attempt; }
  engine::ReplySink& sink() const { return *pending_.sink; }
  void release() { pending_ = {}; }

 private:
  struct Cleanup {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };

  void make_handle();
  void set_method(const RequestData& request);
  bool sent_anything() const;
  Ending ending_unsent(CURLcode code) const;
  Ending ending_sent(CURLcode code) const;
  bool may_be_cut() const;

  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_about_to_send(void* self, char*, char*, int, int);
  static size_t on_header(char* data, size_t size, size_t count, void* self);
  static size_t on_body(char* data, size_t size, size_t count, void* self);

  Endpoint& endpoint_;
  const HttpOptions& options_;
  const std::function<engine::WallTime()>& wall_;
  std::unique_ptr<CURL, Cleanup> easy_;
  Pending pending_;
  HeaderBlock headers_;
  std::string url_;
  Exchange exchange_;
  std::optional<Ending> cut_;  // why a callback ended the transfer
  std::size_t header_bytes_ = 0;
  bool address_refused_ = false;
  bool head_whole_ = false;  // the blank line after the last head came
  bool framed_ = false;      // the last head says where the body ends
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace amends::http
