#include "apps/amends/picture.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "apps/amends/output.hpp"
#include "apps/amends/picture_text.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

using engine::WallTime;

struct Pen {
  const char *end, *line, *fork, *join, *good, *bad, *undone, *running, *waiting, *idle, *unknown, *full,
      *empty;
};
// The footer says more of what the saga turned at.
constexpr std::size_t note_bytes_max = 72;

constexpr Pen unicode_pen{"●", "│ ", "├─╮", "├─╯", "✔", "✘", "↶", "▶", "…", "·", "?", "█", "░"};
constexpr Pen ascii_pen{"*", "| ", "+-.", "+-'", "+", "x", "<", ">", "~", ".", "?", "#", "-"};

struct Span {
  WallTime from{}, to{};
  bool open = false;
};

// From the first attempt's sending to the last one's end; `until` where the last is still in flight.
std::optional<Span> span_of(const Json& leg, WallTime until) {
  if (!leg.contains("log") || leg["log"].empty()) return std::nullopt;
  const auto from = time_of(leg["log"].front(), "sent_at");
  const auto to = time_of(leg["log"].back(), "ended_at");
  if (!from) return std::nullopt;
  return Span{*from, to.value_or(until), !to};
}

struct Row {
  std::string rail, name, state, endpoint, attempts, took, bar, note;
};

class Picture {
 public:
  Picture(const Json& saga, const Drawing& drawing)
      : saga_(saga),
        drawing_(drawing),
        pen_(drawing.ascii ? ascii_pen : unicode_pen),
        steps_(saga.value("steps", Json::array())) {
    start_ = time_of(saga, "created_at").value_or(WallTime{});
    end_ = end_of(saga, drawing);
    over_ = is_over(saga);
    for (const Json& step : steps_) ++followers_[after(step)];
  }

  std::string draw() {
    rail(pen_.end);
    std::vector<std::string> tail;
    for (std::size_t i = 0; i < steps_.size();) {
      if (after(steps_[i]) == tail && followers_[tail] > 1) {
        i = lanes(i, tail);
      } else {
        add_step(steps_[i], "");
        tail = {name(steps_[i])};
        ++i;
      }
    }
    rail(pen_.end);
    return picture_heading(saga_, drawing_) + "\n" + table() + picture_footer(saga_, drawing_);
  }

 private:
  static std::vector<std::string> after(const Json& step) {
    std::vector<std::string> out;
    for (const Json& one : step.value("after", Json::array())) out.push_back(one.get<std::string>());
    return out;
  }
  static std::string name(const Json& step) { return step.value("name", ""); }

  std::size_t lanes(std::size_t i, std::vector<std::string>& tail) {
    const std::vector<std::string> fork = tail;
    tail.clear();
    while (i < steps_.size() && after(steps_[i]) == fork) {
      rail(pen_.fork);
      do add_step(steps_[i], pen_.line);
      while (++i < steps_.size() && after(steps_[i]) == std::vector<std::string>{name(steps_[i - 1])} &&
             after(steps_[i]) != fork);
      tail.push_back(name(steps_[i - 1]));
    }
    rail(pen_.join);
    return i;
  }

  void rail(const char* text) { rows_.push_back({text, "", "", "", "", "", "", ""}); }

  std::string mark(const std::string& state) const {
    if (state == "succeeded") return paint(pen_.good, "32", drawing_.colour);
    if (state == "rejected" || state == "undo_failed") return paint(pen_.bad, "31", drawing_.colour);
    if (state == "undone" || state == "undo_empty" || state == "undoing")
      return paint(pen_.undone, "33", drawing_.colour);
    if (state == "running") return paint(pen_.running, "36", drawing_.colour);
    if (state == "backing_off") return paint(pen_.waiting, "36", drawing_.colour);
    if (state == "unknown") return pen_.unknown;
    return pen_.idle;
  }

  void add_step(const Json& step, const std::string& indent) {
    const std::string state = text_of(step, "state");
    const Json undo = step.value("undo", Json());
    const bool undo_began = undo.is_object() && number_of(undo, "attempts") > 0;
    const bool undo_state = state.rfind("undo", 0) == 0;
    const bool undo_skipped = undo.is_object() && undo.value("skipped", false);
    // A step whose undo has begun says in its own row what the run had come to: an undo that was passed over
    // leaves its step standing.
    const bool of_run = !undo_state && !undo_skipped;
    const std::string run_state = of_run ? state : step.contains("result") ? "succeeded" : "unknown";
    const bool stuck = is_stuck_unsent(step);
    add_leg(step, step, indent + (stuck ? paint(pen_.bad, "31", drawing_.colour) : mark(run_state)),
            run_state);
    if (stuck && rows_.back().note.empty()) rows_.back().note = error_text(saga_["cause"], note_bytes_max);
    if (undo_began || undo_state || undo_skipped)
      add_leg(undo, undo, indent + mark(of_run ? "skipped" : state),
              of_run || undo_skipped ? "skipped" : state);
  }

  // Parked before there was a request: the step has no attempt to show, the saga's cause tells of it.
  bool is_stuck_unsent(const Json& step) const {
    return text_of(saga_, "state") == "needs_operator" && text_of(step, "state") == "pending" &&
           saga_.contains("cause") && !saga_.contains("set_aside") &&
           text_of(saga_["cause"], "step") == name(step);
  }

  void add_leg(const Json& named, const Json& leg, const std::string& rail_text, const std::string& state) {
    Row row;
    row.rail = rail_text;
    row.name = text_of(named, "name");
    row.state = paint_state(state, drawing_.colour);
    row.endpoint = text_of(leg, "endpoint");
    const auto attempts = number_of(leg, "attempts");
    if (attempts > 0) row.attempts = std::to_string(attempts) + (attempts == 1 ? " attempt" : " attempts");
    if (const auto span = span_of(leg, end_)) {
      row.took = lasted(span->to - span->from) + (span->open ? "+" : "");
      row.bar = bar(*span);
    }
    row.note = note(leg, state);
    rows_.push_back(std::move(row));
  }

  // What went wrong, what an operator did about it, and when it is asked again.
  std::string note(const Json& leg, const std::string& state) const {
    std::string out;
    const auto add = [&](const std::string& text) {
      if (!text.empty()) out += (out.empty() ? "" : "; ") + text;
    };
    const Json act = leg.value("act", Json());
    const Json error = leg.value("error", Json());
    const bool good = state == "succeeded" || state == "undone" || state == "undo_empty";
    // An operator's word stands in the journal as the error too, under a class of its own.
    const std::string error_class = text_of(error, "class");
    const bool of_operator = error_class == "resolved" || error_class == "skipped";
    if (error.is_object() && !good && !(of_operator && act.is_object()))
      add(error_text(error, note_bytes_max));
    if (act.is_object()) add(act_text(act));
    if (leg.value("in_doubt", false)) add("may have happened");
    const auto wake = time_of(leg, "wake_at");
    const bool rests = over_ || text_of(saga_, "state") == "needs_operator" || saga_.contains("set_aside");
    if (wake && !rests)
      add(*wake > drawing_.now ? "again in " + roughly(*wake - drawing_.now) : std::string("again now"));
    return out;
  }

  std::string bar(const Span& span) const {
    const auto width = static_cast<std::int64_t>(drawing_.bar_width);
    const std::int64_t total = (end_ - start_).count();
    const auto column = [&](WallTime t) {
      return std::clamp<std::int64_t>((t - start_).count() * width / total, 0, width - 1);
    };
    const std::int64_t from = column(span.from), to = column(span.to);
    std::string out;
    for (std::int64_t c = 0; c < width; ++c) out += c >= from && c <= to ? pen_.full : pen_.empty;
    return out;
  }

  std::string table() const {
    std::array<std::size_t, 7> widths{};
    for (const Row& row : rows_) {
      std::size_t c = 0;
      for (const std::string* cell : cells(row)) widths[c] = std::max(widths[c], shown_width(*cell)), ++c;
    }
    std::string out;
    for (const Row& row : rows_) {
      std::string line = "  ";
      std::size_t c = 0;
      for (const std::string* cell : cells(row)) {
        line += *cell;
        line.append(widths[c] - shown_width(*cell) + (c == 0 ? 1 : 2), ' ');
        ++c;
      }
      line += row.note;
      line.erase(line.find_last_not_of(' ') + 1);
      out += line + "\n";
    }
    return out;
  }

  static std::array<const std::string*, 7> cells(const Row& row) {
    return {&row.rail, &row.name, &row.state, &row.endpoint, &row.attempts, &row.took, &row.bar};
  }

  const Json& saga_;
  const Drawing& drawing_;
  const Pen& pen_;
  const Json steps_;
  WallTime start_{}, end_{};
  bool over_ = false;
  std::map<std::vector<std::string>, int> followers_;
  std::vector<Row> rows_;
};

}  // namespace

std::string saga_picture(const Json& saga, const Drawing& drawing) {
  return Picture(saga, drawing).draw();
}

}  // namespace amends::cli
