#include "bench/local_adapter.hpp"

namespace amends::bench {

void LocalAdapter::submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) {
  std::vector<engine::Answered> answers;
  answers.reserve(attempts.size());
  for (const engine::Attempt& attempt : attempts) {
    engine::Answered answered{attempt.saga, attempt.step, attempt.direction, attempt.number, {}};
    answered.reply.outcome = engine::Outcome::done;
    answered.reply.result = R"({"token":"0123456789abcdef"})";
    answers.push_back(std::move(answered));
  }
  sink.deliver(std::move(answers));
}

}  // namespace amends::bench
