// Boost.MSM with the limits that our tables need. The only header that includes it, and only .cpp files of
// this folder include this one: the templates are heavy, and nothing of Boost may leak into an interface.
#pragma once

// Before any Boost header: the default MPL vectors end at 20 rows.
#define BOOST_MPL_CFG_NO_PREPROCESSED_HEADERS
#define BOOST_MPL_LIMIT_LIST_SIZE 50
#define BOOST_MPL_LIMIT_VECTOR_SIZE 50

#include <boost/mpl/for_each.hpp>
#include <boost/mpl/vector.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

// A state of a table: carries its own stable code, so that MSM's ids (which follow table order) are never
// stored.
template <auto code>
struct CodedState : boost::msm::front::state<> {
  static constexpr auto stable = code;
};

template <auto code>
struct CodedEvent {
  static constexpr auto stable = code;
};

// Puts a stored state into a machine without starting it: start() would reset it to the initial state.
struct LoadState {
  int id;
  template <std::size_t n>
  void operator&(int (&states)[n]) const {
    for (int& s : states) s = id;
  }
  template <class T>
  void operator&(T&) const {}
};

// One table behind plain enums. `Definition` is an MSM front end whose rows use CodedState and CodedEvent
// only.
template <class Definition, class State, std::size_t state_count, class Event>
class Table {
 public:
  using Machine = boost::msm::back::state_machine<Definition>;
  using Rows = typename Definition::transition_table;
  using Stt = typename Machine::stt;

  Table() {
    ids_.fill(-1);
    boost::mpl::for_each<Rows, boost::mpl::make_identity<boost::mpl::_1>>([this](auto row) {
      using Row = typename decltype(row)::type;
      learn<typename Row::Source>();
      learn<typename Row::Target>();
    });
    taken_.resize(static_cast<std::size_t>(boost::mpl::size<Rows>::value));
  }

  // The state after `event`; nothing where the table has no such row.
  template <Event event>
  std::optional<State> fire(State from) {
    const int id = ids_[static_cast<std::size_t>(from)];
    if (id < 0) return std::nullopt;
    LoadState load{id};
    machine_.serialize(load, 0);
    if (machine_.process_event(CodedEvent<event>{}) != boost::msm::back::HANDLED_TRUE) return std::nullopt;
    const State to = states_[static_cast<std::size_t>(*machine_.current_state())];
    count(from, event, to);
    return to;
  }

  template <class Visit>
  static void for_each_row(Visit visit) {
    boost::mpl::for_each<Rows, boost::mpl::make_identity<boost::mpl::_1>>([&](auto row) {
      using Row = typename decltype(row)::type;
      visit(Row::Source::stable, Row::Evt::stable, Row::Target::stable);
    });
  }

  const std::vector<std::uint64_t>& taken() const { return taken_; }

 private:
  template <class S>
  void learn() {
    const int id = boost::msm::back::get_state_id<Stt, S>::type::value;
    ids_[static_cast<std::size_t>(S::stable)] = id;
    states_[static_cast<std::size_t>(id)] = S::stable;
  }

  void count(State from, Event event, State to) {
    std::size_t i = 0;
    for_each_row([&](State f, Event e, State t) {
      if (f == from && e == event && t == to) ++taken_[i];
      ++i;
    });
  }

  Machine machine_;
  std::array<int, state_count> ids_{};
  std::array<State, state_count> states_{};
  std::vector<std::uint64_t> taken_;
};

// What every front end of ours switches off, and how it answers an event without a row.
struct TableDefaults {
  using no_message_queue = int;
  using no_exception_thrown = int;
  template <class Fsm, class E>
  void no_transition(const E&, Fsm&, int) {}
};

}  // namespace amends::engine
