#include "apps/amendsd/rest/front/exchange.hpp"

#include "apps/amendsd/rest/front/mailbox.hpp"
#include "engine/base/check.hpp"

namespace amends::rest {
namespace {

thread_local Exchange* current = nullptr;

}  // namespace

struct Parked::Handle {
  std::shared_ptr<Pending> pending;
  explicit Handle(std::shared_ptr<Pending> p) : pending(std::move(p)) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (pending->settled()) return;
    pending->answer(problem({500, "request-dropped", "Internal error",
                             "The request was not answered. It is not known whether it took effect."}),
                    pending);
  }
};

bool Pending::answer(Answer answer, const std::shared_ptr<Pending>& self) {
  if (!settle()) return false;
  mailbox_->post({.pending = self, .answer = std::move(answer)});
  return true;
}

void Parked::answer(Answer answer) const {
  handle_->pending->answer(std::move(answer), handle_->pending);
}

void Parked::answer(int status, std::string body, std::vector<Header> headers) const {
  answer(Answer{.status = status, .body = std::move(body), .headers = std::move(headers)});
}

bool Parked::waiting() const {
  return !handle_->pending->settled();
}

Exchange::Exchange(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {
  AMENDS_CHECK(current == nullptr, "a worker handles one request at a time");
  current = this;
}

Exchange::~Exchange() {
  current = nullptr;
}

Parked Exchange::park(ParkOptions options) {
  AMENDS_CHECK(!pending_->parked_.exchange(true), "a request is parked once");
  Parked parked(std::make_shared<Parked::Handle>(pending_));
  // Posted before the handle leaves this function, so the reader learns of the wait before any answer to it.
  if (options.wait_max || options.on_timeout)
    pending_->mailbox_->post({.pending = pending_, .park = std::move(options)});
  return parked;
}

void Exchange::finish(Answer answer) {
  if (!pending_->parked()) pending_->answer(std::move(answer), pending_);
}

void Exchange::fail(Answer answer) {
  pending_->answer(std::move(answer), pending_);
}

Exchange& current_exchange() {
  AMENDS_CHECK(current != nullptr, "current_exchange() outside a handler");
  return *current;
}

}  // namespace amends::rest
