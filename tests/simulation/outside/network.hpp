// Between engines and participants: requests and replies that get lost, come twice, late, or in another
// order.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/effect/http/exchange.hpp"
#include "engine/ports/effect.hpp"
#include "tests/simulation/outside/participant.hpp"

namespace amends::simulation {

// What became of one attempt, for who wants to know.
struct NetworkRecord {
  engine::WallTime at{};
  std::string engine;
  std::uint64_t epoch = 0;
  engine::SagaId saga;
  std::string key;
  std::uint32_t number = 1;
  int copies = 0;                                 // that arrived
  std::optional<engine::WallTime> first_byte_at;  // when the first one did
  std::string reply = "none";                     // "delivered", "lost", "late", "none"
};

class Network {
 public:
  // Whoever sent it hears how it ended. Not called when nothing comes back.
  using Heard = std::function<void(http::Exchange)>;

  Network(Setting& setting, Books& books);

  Participant* find(std::string_view endpoint) const;
  const std::vector<std::unique_ptr<Participant>>& participants() const { return participants_; }

  // A request leaves for its participant. `clock_wrong`: the sender's.
  void carry(Participant& to, HttpRequest request, engine::Micros clock_wrong, std::size_t record,
             Heard heard);
  // Whether nothing of this step is under way, nor will arrive any more.
  bool is_quiet(const engine::SagaId& saga, const std::string& step) const;

  // The record's place, for carry(); what comes later is written into it.
  std::size_t open_record(NetworkRecord record);
  NetworkRecord& record(std::size_t at) { return records_[at]; }
  const std::vector<NetworkRecord>& records() const { return records_; }

 private:
  struct Way;
  void arrive(const std::shared_ptr<Way>& way);
  void leave(const std::shared_ptr<Way>& way, engine::Micros in);
  bool keeps_time(const Participant& to) const;

  Setting& setting_;
  Chance chance_;
  std::vector<std::unique_ptr<Participant>> participants_;
  std::map<std::pair<engine::SagaId, std::string>, int> under_way_;
  std::vector<NetworkRecord> records_;
};

}  // namespace amends::simulation
