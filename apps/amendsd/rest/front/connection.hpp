// One client's connection: the bytes in, the bytes out, and where it stands between them.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/amendsd/rest/front/exchange.hpp"
#include "apps/amendsd/rest/front/head.hpp"
#include "apps/amendsd/rest/front/router.hpp"

namespace amends::rest {

using Instant = std::chrono::steady_clock::time_point;

//   reading -> in_work -> writing -> reading      the life of a request; in_work covers queued, running and
//   parked reading -> writing -> lingering               a refusal
enum class Phase { reading, in_work, writing, lingering, closed };

enum class Received { some, nothing, ended };

// The reader's thread only.
struct Connection {
  Connection(int fd_in, std::uint64_t id_in, Peer peer_in) : fd(fd_in), id(id_in), peer(std::move(peer_in)) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends what is left of `out`. False when the client cannot be written to any more.
  bool send();
  bool sent() const { return out_sent == out.size(); }
  // Reads and forgets, without copying, at most `bytes_max`. Says how it ended.
  Received discard(std::size_t bytes_max);
  // Anything unread? Does not take it.
  Received peek() const;
  void shut_sending();

  const int fd;
  const std::uint64_t id;
  const Peer peer;
  Phase phase = Phase::reading;
  Instant deadline = Instant::max();  // what it means depends on the phase

  std::string in;               // of a request that is not complete
  std::optional<Request> head;  // once its head is complete
  Instant request_deadline{};   // for the whole request, from its first byte

  std::shared_ptr<Pending> pending;    // while in_work
  std::function<Answer()> on_timeout;  // while in_work and parked with a deadline
  bool head_only = false;              // the request was a HEAD

  std::string out;
  std::size_t out_sent = 0;
  bool close_after = false;  // the answer is the last one
  bool half_closed = false;  // the client sends no more; it may still read
};

}  // namespace amends::rest
