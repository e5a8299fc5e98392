#include "tests/simulation/outside/network_adapter.hpp"

#include "adapters/effect/http/request_data.hpp"
#include "engine/base/buggify.hpp"
#include "tests/simulation/base/plants.hpp"

namespace amends::simulation {

using engine::Attempt;
using engine::Micros;
using http::Ending;
using http::Exchange;

NetworkAdapter::NetworkAdapter(Setting& setting, Network& network, Witness& witness, Process& process,
                               const Chance& chance)
    : setting_(setting), network_(network), witness_(witness), process_(process), chance_(chance) {
  for (const auto& one : network.participants()) facts_[one->name()] = one->facts();
}

const engine::EndpointFacts* NetworkAdapter::find_endpoint(std::string_view endpoint) const {
  const auto found = facts_.find(endpoint);
  return found == facts_.end() ? nullptr : &found->second;
}

void NetworkAdapter::submit(std::vector<Attempt> attempts, engine::ReplySink& sink) {
  for (Attempt& attempt : attempts) {
    const std::uint64_t number = ++numbers_;
    calls_[number] = {std::move(attempt), &sink, 0, false};
    const Micros turn =
        AMENDS_BUGGIFY("attempts queue") ? chance_.delay(Micros(15'000)) : chance_.delay(Micros(40));
    process_.after(stopping_ ? Micros(0) : turn, "an attempt is sent", [this, number] { send(number); });
  }
}

void NetworkAdapter::send(std::uint64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  Call& call = found->second;
  const Attempt& attempt = call.attempt;
  Participant* to = network_.find(attempt.request->endpoint);
  const http::RequestData data = http::parse_request(attempt.request->body);
  const bool refused = setting_.faults.strike(Fault::connect_refused, chance_, attempt.key);
  if (!to || !data.ok()) {
    setting_.broken("an attempt cannot be sent: " + data.error);
    return end(number, Ending::not_sent);
  }
  if (stopping_) return end(number, Ending::stopping);
  const bool lets_all = planted("lease_ignored");
  if (process_.clock().wall() > attempt.not_after && !lets_all) return end(number, Ending::not_sent_in_time);
  if (refused || to->is_down()) return end(number, Ending::refused);
  // The last thing before the first byte, as the real one does it.
  if (!attempt.may_be_sent() && !lets_all) return end(number, Ending::lease_lost);
  witness_.sent(process_.name(), attempt);
  call.sent = true;
  HttpRequest request;
  request.saga = attempt.saga;
  request.step = attempt.step_name;
  request.direction = attempt.direction;
  request.method = data.method;
  request.path = data.path;
  request.body = data.body;
  request.key = attempt.key;
  request.attempt = attempt.number;
  request.epoch = attempt.epoch;
  request.not_after_ms = engine::to_micros(attempt.not_after) / 1000;
  call.record = network_.open_record({setting_.queue.wall(), process_.name(), attempt.epoch, attempt.saga,
                                      attempt.key, attempt.number, 0, std::nullopt, "none"});
  process_.after(attempt.timeout, "an attempt times out", [this, number] { end(number, Ending::timeout); });
  // What comes back finds the process by its life: after a crash nobody listens.
  network_.carry(*to, std::move(request), process_.clock().wrong(), call.record,
                 process_.listener<Exchange>("a reply is read", [this, number](Exchange exchange) {
                   answer(number, std::move(exchange));
                 }));
}

void NetworkAdapter::end(std::uint64_t number, Ending ending) {
  Exchange exchange;
  exchange.ending = ending;
  answer(number, std::move(exchange));
}

void NetworkAdapter::answer(std::uint64_t number, Exchange exchange) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;  // it was answered: this one is late
  const Call call = std::move(found->second);
  calls_.erase(found);
  exchange.direction = call.attempt.direction;
  if (setting_.evidence && call.sent && exchange.ending == Ending::replied)
    network_.record(call.record).reply = "delivered";
  engine::Reply reply = http::classify(exchange, {}, process_.clock().wall());
  if (exchange.ending == Ending::timeout && planted("timeout_is_refusal"))
    reply.outcome = engine::Outcome::rejected, reply.answered = true;
  const Attempt& attempt = call.attempt;
  std::vector<engine::Answered> answers;
  answers.push_back({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)});
  call.sink->deliver(std::move(answers));
  process_.wake();
}

void NetworkAdapter::stop(engine::Millis) {
  stopping_ = true;
  std::vector<std::uint64_t> all;
  for (const auto& [number, call] : calls_) all.push_back(number);
  for (const std::uint64_t number : all)
    end(number, calls_.at(number).sent ? Ending::stopped : Ending::stopping);
}

}  // namespace amends::simulation
