#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <tuple>
#include <vector>

#include "tests/adapters/barrier/participant.hpp"

namespace amends {
namespace {

enum class Fate { apply, reject, crash };

struct Delivery {
  int step;
  bool undo;
  int revision;
  Fate fate;  // what the work would do if the barrier let it run
  bool late;  // past its not_after
};

std::ostream& operator<<(std::ostream& out, const Delivery& d) {
  static constexpr const char* fates[] = {"apply", "reject", "crash"};
  return out << "step " << d.step << (d.undo ? " undo/" : " run/") << d.revision << ' '
             << fates[static_cast<int>(d.fate)] << (d.late ? " late" : "");
}

rc::Gen<Delivery> any_delivery() {
  return rc::gen::apply(
      [](int step, bool undo, int revision, Fate fate, bool late) {
        return Delivery{step, undo, revision, fate, late};
      },
      rc::gen::inRange(0, 2), rc::gen::arbitrary<bool>(), rc::gen::inRange(1, 4),
      rc::gen::weightedElement<Fate>({{3, Fate::apply}, {2, Fate::reject}, {1, Fate::crash}}),
      rc::gen::weightedElement<bool>({{6, false}, {1, true}}));
}

// What the world may see of one step, whatever came in whatever order.
struct World {
  int runs = 0, undos = 0;
  bool undo_settled = false;
  std::map<std::tuple<bool, int>, BarrierAnswer> first;  // by direction and revision
};

void deliver(Participant& participant, Barrier& barrier, const Delivery& d, World& world) {
  const auto step = "step-" + std::to_string(d.step);
  static int serial = 0;
  bool worked = false;
  const BarrierCall call{"s", step, d.undo ? BarrierDirection::undo : BarrierDirection::run, d.revision,
                         d.late ? 99 : 100};
  BarrierResult result;
  try {
    result = barrier.call(call, [&] {
      worked = true;
      participant.write_effect(step, d.undo ? "undo" : "run");
      if (d.fate == Fate::crash) throw d.fate;
      return BarrierAnswer{d.fate == Fate::reject, 200, std::to_string(++serial)};
    });
  } catch (Fate) {
    return;
  }
  RC_ASSERT(worked == (result.code == BarrierCode::applied));
  RC_ASSERT(!(worked && d.late));
  if (worked && d.fate == Fate::apply) {
    RC_ASSERT(d.undo || !world.undo_settled);
    RC_ASSERT(!d.undo || world.runs == 1);
    ++(d.undo ? world.undos : world.runs);
  }
  if (d.undo && (result.code == BarrierCode::empty_undo || (worked && d.fate == Fate::apply)))
    world.undo_settled = true;
  const std::tuple<bool, int> key{d.undo, d.revision};
  if (result.code == BarrierCode::applied) {
    RC_ASSERT(world.first.emplace(key, result.answer).second);
  } else if (result.code == BarrierCode::replayed && world.first.count(key) != 0) {
    RC_ASSERT(result.answer == world.first[key]);
  }
}

RC_GTEST_PROP(BarrierProperty, AppliesAtMostOnceAndNeverAfterTheUndo, ()) {
  Participant participant;
  Barrier barrier(participant.db(), [] { return 100; });
  std::vector<World> worlds(2);

  for (const auto& d : *rc::gen::container<std::vector<Delivery>>(any_delivery()))
    deliver(participant, barrier, d, worlds[static_cast<std::size_t>(d.step)]);

  for (std::size_t i = 0; i < worlds.size(); ++i) {
    const auto where = " and step = 'step-" + std::to_string(i) + "'";
    const int runs = participant.count("select count(*) from effect where what = 'run'" + where);
    const int undos = participant.count("select count(*) from effect where what = 'undo'" + where);
    RC_ASSERT(runs == worlds[i].runs);
    RC_ASSERT(undos == worlds[i].undos);
    RC_ASSERT(runs <= 1 && undos <= runs);
  }
}

}  // namespace
}  // namespace amends
