#include "engine/definition/picture.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "engine/base/text.hpp"

namespace amends::engine {
namespace {

struct Pen {
  std::string_view begin, end, step, commit, undo, line, fork, join;
};
constexpr Pen unicode_pen{"●", "●", "○", "◆", "↶", "│", "├─╮", "├─╯"};
constexpr Pen ascii_pen{"*", "*", "o", "#", "<", "|", "+-.", "+-'"};

constexpr std::size_t columns = 5;
struct Row {
  std::string rail;                        // what stands left of the name
  std::array<std::string, columns> cells;  // empty in a row that is only rail
};

std::string shown(std::string_view name) {
  return escape_controls(shorten(name, 64));
}

std::string shown(Millis span) {
  const auto ms = span.count();
  if (ms != 0 && ms % 3'600'000 == 0) return std::to_string(ms / 3'600'000) + "h";
  if (ms != 0 && ms % 60'000 == 0) return std::to_string(ms / 60'000) + "m";
  if (ms != 0 && ms % 1'000 == 0) return std::to_string(ms / 1'000) + "s";
  return std::to_string(ms) + "ms";
}

std::string shown(const RetryPolicy& retry) {
  std::string attempts = std::to_string(retry.attempts_max);
  if (retry.attempts_max == attempts_unlimited) attempts = "no limit";
  return attempts + ", every " + shown(retry.delay_first) + " to " + shown(retry.delay_max);
}

std::string shown(const std::string& adapter, const std::string& endpoint) {
  return endpoint.empty() ? "?" : shown(adapter) + " " + shown(endpoint);
}

bool asks_unknown(const Step& step) {
  return step.endpoint.empty() || (step.undo && step.undo->endpoint.empty());
}

// Characters, which is columns for what names may hold.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class Drawing {
 public:
  Drawing(const std::vector<Step>& steps, const Pen& pen) : steps_(steps), pen_(pen) {
    for (const Step& step : steps) ++followers_[step.after];
    const auto of_kind = [&](StepKind kind) {
      return std::find_if(steps.begin(), steps.end(), [&](const Step& step) { return step.kind == kind; });
    };
    auto commit = of_kind(StepKind::pivot);
    if (commit == steps.end()) commit = of_kind(StepKind::retriable);
    commit_ = static_cast<StepIndex>(commit - steps.begin());
  }

  std::vector<Row> rows() {
    rows_.push_back({"", {"step", "kind", "endpoint", "timeout", "attempts"}});
    rail(pen_.begin);
    std::vector<StepIndex> tail;  // what the next step of the trunk comes after
    for (StepIndex i = 0; i < steps_.size();) {
      if (steps_[i].after == tail && followers_[tail] > 1) {
        i = lanes(i, tail);
      } else {
        step(i, "", steps_[i].after == tail ? "" : "after " + names(steps_[i].after));
        tail = {i++};
      }
    }
    rail(pen_.end);
    return std::move(rows_);
  }

 private:
  // Draws the steps that begin at `fork` and their chains; returns the first step behind them.
  StepIndex lanes(StepIndex i, std::vector<StepIndex>& tail) {
    const std::vector<StepIndex> fork = tail;
    tail.clear();
    while (i < steps_.size() && steps_[i].after == fork) {
      rail(pen_.fork);
      do step(i, std::string(pen_.line) + " ", "");
      while (++i < steps_.size() && steps_[i].after == std::vector<StepIndex>{i - 1} &&
             steps_[i].after != fork);
      tail.push_back(i - 1);
    }
    rail(pen_.join);
    return i;
  }

  void step(StepIndex i, const std::string& indent, const std::string& note) {
    const Step& one = steps_[i];
    const std::string_view mark = i == commit_ ? pen_.commit : pen_.step;
    rows_.push_back({indent + std::string(mark),
                     {shown(one.name), std::string(name_of(one.kind)), shown(one.adapter, one.endpoint),
                      shown(one.timeout), shown(one.retry) + (note.empty() ? "" : ", " + note)}});
    if (!one.undo) return;
    rows_.push_back({indent + std::string(pen_.undo),
                     {shown(one.undo->name), "undo", shown(one.undo->adapter, one.undo->endpoint),
                      shown(one.undo->timeout), shown(one.undo->retry)}});
  }

  std::string names(const std::vector<StepIndex>& some) const {
    std::string out;
    for (const StepIndex i : some)
      out += (out.empty() ? "" : ", ") + (i < steps_.size() ? shown(steps_[i].name) : std::string("?"));
    return out.empty() ? "nothing" : out;
  }

  void rail(std::string_view text) { rows_.push_back({std::string(text), {}}); }

  const std::vector<Step>& steps_;
  const Pen& pen_;
  std::map<std::vector<StepIndex>, std::size_t> followers_;  // how many steps come after the same
  StepIndex commit_;
  std::vector<Row> rows_;
};

void pad(std::string& out, std::string_view text, std::size_t to) {
  out += text;
  out.append(to - width(text), ' ');
}

std::string table(const std::vector<Row>& rows) {
  std::size_t rail = 0;
  std::array<std::size_t, columns> widths{};
  for (const Row& row : rows) {
    rail = std::max(rail, width(row.rail));
    for (std::size_t c = 0; c < columns; ++c) widths[c] = std::max(widths[c], width(row.cells[c]));
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = "  ";
    pad(line, row.rail, rail + 1);
    for (std::size_t c = 0; c < columns; ++c) pad(line, row.cells[c], widths[c] + 2);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace

std::string picture(std::string_view workflow, std::uint32_t version, const std::vector<Step>& steps,
                    Glyphs glyphs) {
  const Pen& pen = glyphs == Glyphs::ascii ? ascii_pen : unicode_pen;
  std::string out = shown(workflow) + "@" + std::to_string(version) + "\n\n";
  out += table(Drawing(steps, pen).rows());
  out += "\n  " + std::string(pen.step) + " step  " + std::string(pen.undo) + " its undo  " +
         std::string(pen.commit) + " point of no return\n";
  if (std::any_of(steps.begin(), steps.end(), asks_unknown))
    out += "  ? not known before it runs: its function threw in the rehearsal, or was not rehearsed\n";
  return out;
}

std::string picture(const Plan& plan, Glyphs glyphs) {
  return picture(plan.workflow(), plan.version(), plan.steps(), glyphs);
}

}  // namespace amends::engine
