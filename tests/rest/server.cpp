#include "tests/rest/server.hpp"

#include <stdexcept>

namespace amends::rest {

using namespace std::chrono_literals;

Server::Server(FrontOptions options) : front_(std::move(options), router_) {
  router_.Get("/echo", [](const httplib::Request& req, httplib::Response& res) {
    std::string out = req.method + " " + req.path + " X-Echo=" + req.get_header_value("X-Echo") + " from " +
                      req.remote_addr;
    for (const auto& [name, value] : req.params) out += " " + name + "=" + value;
    res.set_header("X-Seen", "yes");
    res.set_content(out, "text/plain");
  });
  router_.Post("/echo", [](const httplib::Request& req, httplib::Response& res) {
    res.set_content(req.body, "application/json");
  });
  router_.Get("/large", [](const httplib::Request&, httplib::Response& res) {
    res.set_content(std::string(16 << 20, 'x'), "text/plain");
  });
  router_.Get("/things/([^/]+)/end", [](const httplib::Request& req, httplib::Response& res) {
    res.set_content(req.matches[1].str(), "text/plain");
  });
  router_.Get("/throw", [](const httplib::Request&, httplib::Response&) {
    throw std::runtime_error("password=hunter2");
  });
  router_.Get("/throw-int", [](const httplib::Request&, httplib::Response&) { throw 42; });
  router_.Get("/block", [this](const httplib::Request&, httplib::Response& res) {
    std::unique_lock lock(mutex_);
    ++blocked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return released_; });
    res.set_content("{}", "application/json");
  });
  add_parking_routes();
  front_.start();
}

void Server::add_parking_routes() {
  auto keep = [this](ParkOptions options) {
    Parked parked = current_exchange().park(std::move(options));
    std::lock_guard lock(mutex_);
    parked_.push_back(std::move(parked));
    changed_.notify_all();
  };
  auto still_running = [] { return Answer{.status = 202, .body = R"({"state":"running"})", .headers = {}}; };
  router_.Get("/park", [=](const httplib::Request&, httplib::Response&) { keep({}); });
  router_.Get("/park-for", [=](const httplib::Request&, httplib::Response&) {
    keep({.wait_max = 100ms, .on_timeout = still_running});
  });
  router_.Get("/park-for-long", [=](const httplib::Request&, httplib::Response&) {
    keep({.wait_max = 1h, .on_timeout = still_running});
  });
  router_.Get("/drop", [](const httplib::Request&, httplib::Response&) { current_exchange().park(); });
  router_.Get("/park-and-throw", [=](const httplib::Request&, httplib::Response&) {
    keep({});
    throw std::runtime_error("password=hunter2");
  });
}

Server::~Server() {
  release_blocked();
  front_.stop();
}

bool Server::await_parked(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, 10s, [&] { return parked_.size() >= count; });
}

bool Server::await_blocked(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, 10s, [&] { return blocked_ >= count; });
}

std::vector<Parked> Server::parked() {
  std::lock_guard lock(mutex_);
  return parked_;
}

void Server::release_blocked() {
  std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

}  // namespace amends::rest
