#include "apps/amends/verify_text.hpp"

#include "apps/amends/asked.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

constexpr std::size_t quoted_max = 400;  // of a sentence that quotes the store

std::string shown(const std::string& text) {
  return engine::escape_controls(engine::shorten(text, quoted_max));
}

// Texts of the store may be no UTF-8, which JSON cannot hold.
std::string clean(const std::string& text) {
  return engine::is_clean_utf8(text) ? text : engine::escape_controls(text);
}

}  // namespace

std::string finding_text(const engine::Finding& finding) {
  std::string out(engine::name_of(finding.kind));
  if (finding.saga != engine::SagaId{}) out += "  saga " + finding.saga.text();
  if (finding.seq > 0) out += ", journal row " + std::to_string(finding.seq);
  return out + ": " + shown(finding.sentence);
}

engine::Json finding_json(const engine::Finding& finding) {
  engine::Json out{{"kind", engine::name_of(finding.kind)}, {"sentence", clean(finding.sentence)}};
  if (finding.saga != engine::SagaId{}) out["saga"] = finding.saga.text();
  if (finding.seq > 0) out["row"] = finding.seq;
  return out;
}

std::string repair_text(const engine::Repair& repair) {
  std::string out =
      "repair  saga " + repair.after.id.text() +
      (repair.before ? ": its row becomes what its journal says\n" : ": its row is made from its journal\n");
  for (const engine::Change& change : engine::changes(repair))
    out += "        " + change.column + ": '" + shown(change.from) + "' -> '" + shown(change.to) + "'\n";
  return out;
}

engine::Json repair_json(const engine::Repair& repair) {
  engine::Json out{{"repair", repair.after.id.text()}, {"changes", engine::Json::array()}};
  for (const engine::Change& change : engine::changes(repair))
    out["changes"].push_back(
        {{"column", change.column}, {"from", clean(change.from)}, {"to", clean(change.to)}});
  return out;
}

std::string totals_text(const engine::VerifyTotals& totals) {
  const std::string seen =
      counted(totals.sagas, "saga", "sagas") + ", " + counted(totals.entries, "entry", "entries") + ", ";
  if (totals.findings == 0) return seen + "no finding";
  std::string kinds;
  for (std::size_t i = 0; i < engine::finding_kinds; ++i)
    if (totals.by_kind[i] > 0)
      kinds += (kinds.empty() ? "" : ", ") + std::to_string(totals.by_kind[i]) + " " +
               std::string(engine::name_of(static_cast<engine::FindingKind>(i)));
  return seen + counted(totals.findings, "finding", "findings") + ": " + kinds;
}

engine::Json totals_json(const engine::VerifyTotals& totals) {
  engine::Json kinds = engine::Json::object();
  for (std::size_t i = 0; i < engine::finding_kinds; ++i)
    if (totals.by_kind[i] > 0)
      kinds[std::string(engine::name_of(static_cast<engine::FindingKind>(i)))] = totals.by_kind[i];
  return {{"ok", totals.findings == 0},       {"sagas", totals.sagas},
          {"journal_rows", totals.rows},      {"entries", totals.entries},
          {"finding_count", totals.findings}, {"by_kind", kinds},
          {"repairable", totals.repairs},     {"cut_short", totals.cut_short}};
}

}  // namespace amends::cli
