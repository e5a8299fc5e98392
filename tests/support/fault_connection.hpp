// One connection through the fault proxy: what came from either side and was not passed on yet.
#pragma once
#include <poll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace amends::testing_support {

// A place in what is sent one way: `bytes_after` bytes behind the first occurrence of `text`. Without a text,
// so many bytes from now on. Bytes of several connections are not mixed: the first one that gets there has
// the fault.
struct FaultPoint {
  enum class Way { to_server, to_client };
  Way way = Way::to_server;
  std::string text = {};
  std::size_t bytes_after = 0;
};

enum class FaultAction {
  cut,             // what comes up to the point is passed on, then both sides are closed
  swallow_answer,  // all that the client sends is passed on; the server's next answer is not, then it is cut
  stall,  // what comes up to the point is passed on, then nothing in either way, and nothing is closed
};

struct ArmedFault {
  FaultPoint point;
  FaultAction action;
};

// One thread at a time. Owns both sockets.
class FaultConnection {
 public:
  using Clock = std::chrono::steady_clock;

  FaultConnection(int client, int server);
  ~FaultConnection();
  FaultConnection(const FaultConnection&) = delete;
  FaultConnection& operator=(const FaultConnection&) = delete;

  // What to wait for; nothing of it while `is_stalled`.
  std::array<pollfd, 2> wishes(bool is_stalled, Clock::time_point now) const;
  // Reads what there is, and takes the armed fault when it comes to its point.
  void take(std::optional<ArmedFault>& armed, std::chrono::milliseconds delay);
  // Writes what is due.
  void pass_on(Clock::time_point now);

  bool is_over() const;
  // Once: it has met a fault, and the fault has had its effect.
  bool take_hit();
  // When the next piece is due.
  std::optional<Clock::time_point> next_due() const;
  void forget_scan();
  void resume();

 private:
  using Way = FaultPoint::Way;
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };
  struct Half {
    int from = -1;
    std::deque<Piece> waiting;  // on their way to the other side
    std::string held;           // behind a stall
    bool has_ended = false;     // its sender has closed
  };
  // Looks for a text in what comes in pieces, and then counts on.
  struct Scan {
    std::string tail;
    std::optional<std::size_t> passed;  // bytes behind the text, once it was seen

    // How many of `bytes` lie before the point; nothing when it is not among them.
    std::optional<std::size_t> find(const FaultPoint& point, std::string_view bytes);
  };

  void take_from(Way way, std::optional<ArmedFault>& armed, std::chrono::milliseconds delay);
  std::size_t pass_up_to(Way way, std::string_view bytes, std::optional<ArmedFault>& armed);
  Half& half(Way way) { return halves_[way == Way::to_server ? 0 : 1]; }

  std::array<Half, 2> halves_;  // what comes from the client, and from the server
  Scan scan_;
  std::string swallowed_;
  std::optional<FaultAction> fault_;
  bool has_answer_ = false;  // the one that is swallowed
  bool is_hit_ = false;
};

}  // namespace amends::testing_support
