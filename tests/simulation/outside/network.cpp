#include "tests/simulation/outside/network.hpp"

namespace amends::simulation {

using engine::Micros;
using engine::Millis;

struct Network::Way {
  Participant* to = nullptr;
  HttpRequest request;
  Micros clock_wrong{};
  std::size_t record = 0;
  Heard heard;
  bool refused = false;  // a copy was answered that surely nothing happens
  bool reply_lost = false, reply_late = false, reply_broken = false;
  std::uint64_t how = 0;
  Micros back{};
};

Network::Network(Setting& setting, Books& books) : setting_(setting), chance_(setting.chance("network")) {
  for (std::int64_t i = 0; i < setting.options.participants; ++i)
    participants_.push_back(draw_participant(setting, books, static_cast<std::size_t>(i)));
}

Participant* Network::find(std::string_view endpoint) const {
  for (const auto& one : participants_)
    if (one->name() == endpoint) return one.get();
  return nullptr;
}

bool Network::is_quiet(const engine::SagaId& saga, const std::string& step) const {
  const auto found = under_way_.find({saga, step});
  return found == under_way_.end() || found->second == 0;
}

std::size_t Network::open_record(NetworkRecord record) {
  if (!setting_.evidence) records_.clear();  // one is enough to write into
  records_.push_back(std::move(record));
  return records_.size() - 1;
}

// A participant that keeps no barrier cannot tell a request that comes after its time. There the engine
// counts on the network: what did not arrive by then is gone.
bool Network::keeps_time(const Participant& to) const {
  return to.facts().idempotency != engine::Idempotency::barrier;
}

void Network::carry(Participant& to, HttpRequest request, Micros clock_wrong, std::size_t record,
                    Heard heard) {
  auto way = std::make_shared<Way>();
  way->to = &to;
  way->clock_wrong = clock_wrong;
  way->record = record;
  way->heard = std::move(heard);
  // All of it is drawn for every request, so that a fault that is switched off leaves the others as they
  // were.
  const std::string& about = request.key;
  const bool lost = setting_.faults.strike(Fault::request_lost, chance_, about);
  const bool twice = setting_.faults.strike(Fault::request_twice, chance_, about);
  const bool late = setting_.faults.strike(Fault::request_late, chance_, about);
  way->reply_lost = setting_.faults.strike(Fault::reply_lost, chance_, about);
  way->reply_late = setting_.faults.strike(Fault::reply_late, chance_, about);
  way->reply_broken = setting_.faults.strike(Fault::reply_broken, chance_, about);
  const bool slow = setting_.faults.strike(Fault::slow_answer, chance_, about);
  way->how = chance_.below(4);
  const Micros there = chance_.delay(Micros(setting_.options.network_us));
  const Micros again = chance_.delay(Millis(150));
  const Micros much_later = chance_.delay(Millis(1'500));
  way->back = chance_.delay(Micros(setting_.options.network_us)) + (slow ? Millis(250) : Micros(0));
  way->request = std::move(request);
  // Who does not know a key again counts on a network that carries a request once.
  const engine::Idempotency kind = to.facts().idempotency;
  const bool recognises = kind == engine::Idempotency::barrier || kind == engine::Idempotency::key;
  if (twice && recognises) leave(way, there + again);
  if (!lost) leave(way, late && !keeps_time(to) ? much_later : there);
}

void Network::leave(const std::shared_ptr<Way>& way, Micros in) {
  ++under_way_[{way->request.saga, way->request.step}];
  setting_.queue.after(in, "a request arrives", [this, way] { arrive(way); });
}

void Network::arrive(const std::shared_ptr<Way>& way) {
  const HttpRequest& request = way->request;
  --under_way_[{request.saga, request.step}];
  const std::int64_t sender_ms = engine::to_micros(setting_.queue.wall() + way->clock_wrong) / 1000;
  if (keeps_time(*way->to) && sender_ms > request.not_after_ms) return;
  if (way->to->is_down()) return;  // it was up when the connection was made
  // 429 is about a request, not about one copy of it: who has passed it on does not send it again. Nor does
  // one that a barrier found too late come once more when that barrier's clock has been put right.
  if (way->refused) return;
  if (setting_.evidence) {
    NetworkRecord& record = records_[way->record];
    if (++record.copies == 1) record.first_byte_at = setting_.queue.wall();
  }
  const HttpAnswer answer = way->to->receive(request);
  way->refused = answer.status == 429 || answer.barrier == "expired";
  if (way->reply_lost) {
    if (setting_.evidence) records_[way->record].reply = "lost";
    return;
  }
  http::Exchange exchange;
  exchange.direction = request.direction;
  exchange.ending = http::Ending::replied;
  if (way->reply_broken) {
    static constexpr http::Ending endings[] = {http::Ending::connection_lost, http::Ending::reply_broken,
                                               http::Ending::headers_too_large,
                                               http::Ending::reply_too_large};
    exchange.ending = endings[way->how];
  }
  exchange.status = answer.status;
  exchange.body = answer.body;
  exchange.barrier = answer.barrier;
  exchange.retry_after = answer.retry_after;
  const Micros back = way->back + (way->reply_late ? Millis(1'000) : Micros(0));
  setting_.queue.after(
      back, "a reply arrives",
      [heard = way->heard, exchange = std::move(exchange)]() mutable { heard(std::move(exchange)); });
}

}  // namespace amends::simulation
