#include "tests/simulation/base/faults.hpp"

namespace amends::simulation {
namespace {

// In the order of the enum.
constexpr std::array<FaultRow, fault_count> rows{{
    {Fault::commit_lost, "commit_lost", 40'000, "a flush: nobody knows; it was not written"},
    {Fault::commit_landed, "commit_landed", 40'000, "a flush: nobody knows; it was written"},
    {Fault::commit_late, "commit_late", 30'000, "a flush: nobody knows; it is written later"},
    {Fault::commit_refused, "commit_refused", 40'000, "a flush: surely not written"},
    {Fault::commit_slow, "commit_slow", 100'000, "a flush: it takes hundreds of milliseconds"},
    {Fault::disk_full, "disk_full", 200'000, "a second: no room for a while"},
    {Fault::read_fails, "read_fails", 60'000, "a read or another verb of the store"},
    {Fault::take_over_fails, "take_over_fails", 300'000, "a take-over"},
    {Fault::tend_fails, "tend_fails", 100'000, "a renewal of the lease"},
    {Fault::store_down, "store_down", 150'000, "a second: nobody reaches the store for a while"},
    {Fault::connect_refused, "connect_refused", 100'000, "an attempt: no byte was sent"},
    {Fault::request_lost, "request_lost", 100'000, "an attempt: the request gets lost"},
    {Fault::request_late, "request_late", 60'000, "an attempt: the request arrives long after its time"},
    {Fault::request_twice, "request_twice", 100'000, "an attempt: the request arrives twice"},
    {Fault::reply_lost, "reply_lost", 100'000, "an attempt: the reply gets lost"},
    {Fault::reply_late, "reply_late", 60'000, "an attempt: the reply comes when nobody waits any more"},
    {Fault::reply_broken, "reply_broken", 40'000,
     "an attempt: the connection breaks, or what comes is no HTTP"},
    {Fault::participant_down, "participant_down", 200'000, "a second: a participant is down for a while"},
    {Fault::says_no, "says_no", 150'000, "a request: a business refusal"},
    {Fault::error_before, "error_before", 100'000, "a request: 5xx, and it did not happen"},
    {Fault::error_after, "error_after", 80'000, "a request: 5xx, and it happened"},
    {Fault::too_many, "too_many", 80'000, "a request: 429 with Retry-After"},
    {Fault::garbage, "garbage", 40'000, "a request: 200 with something that is no JSON"},
    {Fault::wrong_type, "wrong_type", 40'000, "a request: 200 with a result of another type"},
    {Fault::contradiction, "contradiction", 20'000, "a request: the first answer is denied"},
    {Fault::slow_answer, "slow_answer", 60'000, "a request: the answer takes long"},
    {Fault::author_throws, "author_throws", 20'000, "a call of an author's function"},
    {Fault::author_slow, "author_slow", 60'000, "a call of an author's function"},
    {Fault::crash, "crash", 400'000, "a second: an engine is killed, and comes again"},
    {Fault::stop, "stop", 300'000, "a second: an engine stands still for a while"},
    {Fault::hand_over, "hand_over", 200'000, "a second: an engine is asked to end, and comes again"},
    {Fault::twin, "twin", 100'000, "a second: an engine is started a second time under the same id"},
    {Fault::plan_missing, "plan_missing", 300'000, "a start of an engine: a plan is not there"},
    {Fault::clock_skew, "clock_skew", 500'000, "an engine or participant: its clock is wrong"},
    {Fault::clock_jump, "clock_jump", 100'000, "a second: a clock is set"},
    {Fault::client_gone, "client_gone", 50'000, "a call: the client never hears the answer"},
}};
static_assert([] {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].fault) != i) return false;
  return true;
}());

}  // namespace

const std::array<FaultRow, fault_count>& fault_rows() {
  return rows;
}

std::string_view name_of(Fault fault) {
  return rows[static_cast<std::size_t>(fault)].name;
}

bool Faults::strike(Fault fault, Chance& chance, std::string_view detail) {
  const bool happens = chance.happens(rate(fault));
  if (!happens || healed_) return false;
  struck(fault, detail);
  return true;
}

void Faults::struck(Fault fault, std::string_view detail) {
  ++counts_[static_cast<std::size_t>(fault)];
  if (keep_log_) log_.push_back({queue_.wall(), fault, std::string(detail)});
  if (queue_.tracing()) queue_.say("FAULT " + std::string(name_of(fault)) + " " + std::string(detail));
}

}  // namespace amends::simulation
