#include "apps/amendsd/rest/front/front.hpp"

#include <system_error>
#include <thread>

#include "apps/amendsd/rest/front/listener.hpp"
#include "apps/amendsd/rest/front/mailbox.hpp"
#include "apps/amendsd/rest/front/reader.hpp"
#include "apps/amendsd/rest/front/workers.hpp"
#include "engine/base/check.hpp"

namespace amends::rest {

struct Front::Running {
  Running(const FrontOptions& options, Router& router)
      : listener(options),
        port(listener.port()),
        mailbox(std::make_shared<Mailbox>()),
        workers(router, options.workers, options.queue_max),
        reader(options, listener, workers, mailbox),
        thread(start_reader()) {}

  std::thread start_reader() {
    try {
      return std::thread([this] { reader.run(); });
    } catch (const std::system_error& e) {
      throw NoThread("the system gives no thread to the HTTP front: " + e.code().message());
    }
  }

  Listener listener;
  const std::uint16_t port;
  std::shared_ptr<Mailbox> mailbox;  // shared with every Pending, which may outlive the front
  Workers workers;
  Reader reader;
  std::thread thread;
};

Front::Front(FrontOptions options, Router& router) : options_(std::move(options)), router_(router) {}

Front::~Front() {
  stop();
}

void Front::start() {
  AMENDS_CHECK(!running_, "a front starts once");
  running_ = std::make_unique<Running>(options_, router_);
}

std::uint16_t Front::port() const {
  return running_ ? running_->port : 0;
}

void Front::stop() {
  if (!running_ || !running_->thread.joinable()) return;
  running_->reader.begin_drain();
  running_->thread.join();
  running_->mailbox->close();
  running_->workers.stop();
}

}  // namespace amends::rest
