#include "tests/simulation/base/event_queue.hpp"

#include <algorithm>
#include <cstdio>

namespace amends::simulation {

void EventQueue::after(engine::Micros delay, const char* what, Action action) {
  heap_.push_back({now_ + std::max(delay, engine::Micros(0)), ++numbers_, what, std::move(action)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool EventQueue::run_next() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Event event = std::move(heap_.back());
  heap_.pop_back();
  now_ = event.at;
  ++events_;
  note(static_cast<std::uint64_t>(event.at.count()));
  note(event.number);
  note(std::string_view(event.what));
  event.action();
  return true;
}

void EventQueue::note(std::string_view text) {
  for (const char letter : text) hash_ = (hash_ ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  note(text.size());
}

void EventQueue::say(const std::string& sentence) const {
  std::printf("%10.6f  %s\n", static_cast<double>(now_.count()) / 1e6, sentence.c_str());
}

}  // namespace amends::simulation
