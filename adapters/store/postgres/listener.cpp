#include "adapters/store/postgres/listener.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "engine/base/check.hpp"

namespace amends::postgres {
namespace {

constexpr int again_millis = 1'000;

}  // namespace

Listener::Listener(const Address& address, std::function<void()> wake)
    : address_(address), wake_(std::move(wake)) {
  AMENDS_CHECK(::pipe2(over_, O_CLOEXEC) == 0, "no pipe for the store's listener");
  thread_ = std::thread([this] { run(); });
}

Listener::~Listener() {
  ::close(over_[1]);
  thread_.join();
  ::close(over_[0]);
}

void Listener::set_owned(std::vector<engine::ShardId> owned) {
  std::lock_guard lock(mutex_);
  owned_ = std::move(owned);
}

void Listener::run() {
  do {
    const std::unique_ptr<pg_conn, decltype(&::PQfinish)> connection(::PQconnectdb(address_.conninfo.c_str()),
                                                                     &::PQfinish);
    if (::PQstatus(connection.get()) == CONNECTION_OK) listen(*connection);
  } while (wait(-1, again_millis));
}

void Listener::listen(pg_conn& connection) {
  PGresult* const said = ::PQexec(&connection, "listen amends_shards; listen amends_commands");
  const bool is_good = ::PQresultStatus(said) == PGRES_COMMAND_OK;
  ::PQclear(said);
  if (!is_good) return;
  wake_();
  while (wait(::PQsocket(&connection), -1)) {
    if (::PQconsumeInput(&connection) == 0) return;
    bool is_ours = false;
    while (PGnotify* const notice = ::PQnotifies(&connection)) {
      is_ours = concerns(notice->relname, notice->extra) || is_ours;
      ::PQfreemem(notice);
    }
    if (is_ours) wake_();
  }
}

bool Listener::wait(int socket, int millis) {
  pollfd ready[2] = {{over_[0], POLLIN, 0}, {socket, POLLIN, 0}};
  ::poll(ready, 2, millis);
  return ready[0].revents == 0;
}

bool Listener::concerns(const char* channel, const char* payload) {
  if (std::strcmp(channel, "amends_shards") == 0) return true;
  const long shard = std::strtol(payload, nullptr, 10);
  std::lock_guard lock(mutex_);
  return std::find(owned_.begin(), owned_.end(), shard) != owned_.end();
}

}  // namespace amends::postgres
