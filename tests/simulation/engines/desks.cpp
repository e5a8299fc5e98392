#include "tests/simulation/engines/desks.hpp"

#include "engine/base/buggify.hpp"

namespace amends::simulation {

using engine::Micros;
using engine::Millis;
using engine::PrepareJob;
using engine::PrepareResult;

// ---- the store -------------------------------------------------------------------------------------------

WriterDesk::WriterDesk(Process& process, WaitingClock& clock, engine::Store& store, engine::Lease& lease,
                       engine::Inbox& inbox)
    : process_(process),
      clock_(clock),
      inbox_(inbox),
      writer_(process.name(), clock, store, lease,
              [this](engine::WriterReport report) { reports_.push_back(std::move(report)); }) {}

void WriterDesk::post(engine::WriterJob job) {
  jobs_.push_back(std::move(job));
  if (!busy_) go_on_in(AMENDS_BUGGIFY("late writer") ? Micros(5'000) : Micros(5));
}

void WriterDesk::go_on_in(Micros time) {
  busy_ = true;
  process_.after(time, "the writer works", [this] { step(); });
}

// What the store does is done when the step is; that it was done is known when the time that it took has
// passed. Between the two the process may die.
void WriterDesk::step() {
  clock_.take_waited();
  Millis pause;
  if (jobs_.empty() || !writer_.takes_job()) {
    pause = writer_.go_on();
  } else {
    const engine::WriterJob job = std::move(jobs_.front());
    jobs_.pop_front();
    pause = writer_.begin(job);
  }
  const Micros took = clock_.take_waited();
  const Micros later = AMENDS_BUGGIFY("late report") ? Micros(20'000) : Micros(0);
  process_.after(took + later, "the store has answered",
                 [this, pause, reports = std::exchange(reports_, {})]() mutable {
                   for (engine::WriterReport& report : reports) inbox_.report(report);
                   if (!reports.empty()) process_.wake();
                   busy_ = false;
                   if (!jobs_.empty() || writer_.has_work()) go_on_in(pause);
                 });
}

// ---- authors ---------------------------------------------------------------------------------------------

AuthorDesk::AuthorDesk(Setting& setting, Process& process, const engine::Preparer& authors,
                       engine::FindFacts find, engine::Inbox& inbox, const Chance& chance)
    : setting_(setting),
      process_(process),
      authors_(authors),
      find_(std::move(find)),
      inbox_(inbox),
      chance_(chance) {}

void AuthorDesk::submit(std::vector<PrepareJob> jobs) {
  for (PrepareJob& job : jobs) call(std::move(job));
}

void AuthorDesk::call(PrepareJob job) {
  static constexpr Millis limit{5'000};
  const bool throws = setting_.faults.strike(Fault::author_throws, chance_);
  const bool slow = setting_.faults.strike(Fault::author_slow, chance_);
  const bool stuck = slow && chance_.one_in(8);
  const Micros takes = slow ? chance_.delay(Millis(60))
                            : Micros(chance_.between(2, AMENDS_BUGGIFY("late author") ? 12'000 : 60));
  if (stuck) return answer(engine::too_slow(job, limit), limit);
  engine::Prepared prepared = engine::ask_author(authors_, job);
  if (throws) prepared = engine::PrepareError{"the author threw"};
  if (throws) setting_.coverage.saw(Seen::author_failed);
  answer(engine::result_of(job, std::move(prepared), find_), takes);
}

void AuthorDesk::answer(PrepareResult result, Micros in) {
  process_.after(in, "an author has answered", [this, result = std::move(result)]() mutable {
    inbox_.put(&engine::InboxItems::prepared, result);
    process_.wake();
  });
}

}  // namespace amends::simulation
