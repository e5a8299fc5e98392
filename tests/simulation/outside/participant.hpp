// The other side: a service that is asked to do things and to take them back, and keeps its promise about
// keys.
//
// To add a kind of participant: a class with serve(), and a line in draw_participant().
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "engine/definition/request.hpp"
#include "tests/simulation/base/setting.hpp"
#include "tests/simulation/outside/books.hpp"

namespace amends::simulation {

class Participant {
 public:
  Participant(Setting& setting, Books& books, std::string name);
  virtual ~Participant() = default;

  const std::string& name() const { return name_; }
  virtual engine::EndpointFacts facts() const = 0;

  // A request arrives. It may be answered with anything: see the faults of participants.
  HttpAnswer receive(const HttpRequest& request);

  void set_clock_wrong(engine::Micros by) { wrong_ = by; }
  void go_down(engine::Micros time);
  bool is_down() const { return setting_.queue.now() < down_until_; }

 protected:
  struct Served {
    HttpAnswer answer;
    std::string code = "none";
    bool fresh = true;  // the business was asked, not remembered
  };
  // Changes nothing but by do_it().
  virtual Served serve(const HttpRequest& request) = 0;
  // Asks the business, which may refuse; then it did nothing.
  HttpAnswer do_it(const HttpRequest& request);

  std::int64_t now_ms() const { return engine::to_micros(setting_.queue.wall() + wrong_) / 1000; }

  Setting& setting_;
  Books& books_;

 private:
  std::optional<HttpAnswer> refuse_first(const HttpRequest& request);
  HttpAnswer spoil(const HttpRequest& request, HttpAnswer answer);

  const std::string name_;
  Chance chance_;
  engine::Micros wrong_{}, down_until_{};
  std::uint64_t results_ = 0;
  std::string effect_;  // of the request in hand
};

// Number `index` of this run's participants: its kind is drawn.
std::unique_ptr<Participant> draw_participant(Setting& setting, Books& books, std::size_t index);

}  // namespace amends::simulation
