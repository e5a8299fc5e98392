// Callers' functions by the token that stands for them in the shard. One thread.
#pragma once
#include <functional>
#include <utility>
#include <vector>

#include "engine/runtime/messages.hpp"

namespace amends::engine {

template <typename Reply>
class Callbacks {
 public:
  using Function = std::function<void(const Reply&)>;

  Token keep(Function function) {
    if (free_.empty()) {
      slots_.push_back(std::move(function));
      return slots_.size() - 1;
    }
    const Token token = free_.back();
    free_.pop_back();
    slots_[token] = std::move(function);
    return token;
  }

  // Each token is answered once; then another call may have it.
  void answer(const Reply& reply) {
    const Function function = std::exchange(slots_[reply.token], nullptr);
    free_.push_back(reply.token);
    if (function) function(reply);
  }

  void answer_all(Reply reply) {
    for (reply.token = 0; reply.token < slots_.size(); ++reply.token)
      if (const Function function = std::exchange(slots_[reply.token], nullptr)) function(reply);
  }

  std::size_t open() const { return slots_.size() - free_.size(); }

 private:
  std::vector<Function> slots_;
  std::vector<Token> free_;
};

}  // namespace amends::engine
