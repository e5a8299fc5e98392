// The picture that `amends check` and the README show.
#include "engine/definition/picture.hpp"

#include <gtest/gtest.h>

#include "workflows/host/host.hpp"

namespace amends::engine {
namespace {

Step step(std::string name, StepKind kind, std::vector<StepIndex> after) {
  Step out;
  out.name = std::move(name);
  out.kind = kind;
  out.after = std::move(after);
  return out;
}

TEST(Picture, ShowsLanesUndosAndThePointOfNoReturnOfTheWorkflowThatShips) {
  const Host host({PLUGINS "/fulfil_order.so"});

  const std::string drawn = picture(*host.find_plan("fulfil-order"));

  EXPECT_EQ(drawn, R"(fulfil-order@1

      step             kind        endpoint        timeout  attempts
  ●
  ├─╮
  │ ○ reserve-stock    reversible  http inventory  2s       8, every 100ms to 2s
  │ ↶ release-stock    undo        http inventory  2s       no limit, every 100ms to 2s
  ├─╮
  │ ○ risk-check       read        http risk       2s       8, every 100ms to 2s
  ├─╯
  ◆   charge-card      pivot       http payments   2s       no limit, every 100ms to 2s
  ○   create-shipment  retriable   http shipping   2s       no limit, every 100ms to 2s
  ○   notify-customer  retriable   http mail       2s       no limit, every 100ms to 2s
  ●

  ○ step  ↶ its undo  ◆ point of no return
)");
}

TEST(Picture, CanBeDrawnInAscii) {
  const std::string drawn =
      picture("w", 2, {step("a", StepKind::read, {}), step("b", StepKind::retriable, {0})}, Glyphs::ascii);

  EXPECT_EQ(drawn, R"(w@2

    step  kind       endpoint  timeout  attempts
  *
  o a     read       ?         5s       8, every 200ms to 1m
  # b     retriable  ?         5s       8, every 200ms to 1m
  *

  o step  < its undo  # point of no return
  ? not known before it runs: its function threw in the rehearsal, or was not rehearsed
)");
}

TEST(Picture, DrawsStepsThatFitNoLaneWithWhatTheyComeAfter) {
  const std::string drawn = picture(
      "w", 1,
      {step("a", StepKind::read, {}), step("b", StepKind::read, {0}), step("c", StepKind::read, {7, 0})});

  EXPECT_NE(drawn.find("after ?, a"), std::string::npos) << drawn;
}

TEST(Picture, LetsNoNameSteerTheTerminal) {
  const std::string drawn = picture("w\x1b[2J", 1, {step("a\nb", StepKind::read, {})});

  EXPECT_EQ(drawn.find('\x1b'), std::string::npos);
  EXPECT_NE(drawn.find("a\\x0ab"), std::string::npos) << drawn;
}

}  // namespace
}  // namespace amends::engine
