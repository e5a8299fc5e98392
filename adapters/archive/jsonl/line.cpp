#include "adapters/archive/jsonl/jsonl_archive.hpp"
#include "engine/base/json.hpp"
#include "engine/base/rfc3339.hpp"

namespace amends::archive {
namespace {

using engine::append_string;

void member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_string(out, text);
}

// A journal row's body is JSON already, and is kept as it is. What somebody else wrote there is kept as text.
void append_body(std::string& out, const std::string& body) {
  if (body.find('\n') == std::string::npos && engine::Json::accept(body))
    out += body;
  else
    append_string(out, body);
}

}  // namespace

std::string line_of(const engine::EndedSaga& saga) {
  const engine::SagaRow& row = saga.row;
  std::string out = "{\"id\":\"" + row.id.text() + "\"";
  member(out, "plan", row.plan_id);
  member(out, "workflow", row.workflow);
  if (!row.key.empty()) member(out, "key", row.key);
  member(out, "state", row.state);
  if (!row.step.empty()) member(out, "step", row.step);
  if (!row.error_class.empty()) member(out, "error_class", row.error_class);
  member(out, "created_at", engine::rfc3339(row.created_at));
  member(out, "updated_at", engine::rfc3339(row.updated_at));
  out += ",\"tags\":{";
  for (std::size_t i = 0; i < saga.tags.size(); ++i) {
    if (i > 0) out += ',';
    append_string(out, saga.tags[i].name);
    out += ':';
    append_string(out, saga.tags[i].value);
  }
  out += "},\"journal\":[";
  for (std::size_t i = 0; i < saga.journal.size(); ++i) {
    const engine::JournalRow& entry = saga.journal[i];
    out += i > 0 ? ",{\"seq\":" : "{\"seq\":";
    out += std::to_string(entry.seq);
    member(out, "at", engine::rfc3339(entry.at));
    out += ",\"epoch\":" + std::to_string(entry.epoch) +
           ",\"commit_seq\":" + std::to_string(entry.commit_seq) + ",\"entries\":";
    append_body(out, entry.body);
    out += '}';
  }
  out += "]}\n";
  return out;
}

}  // namespace amends::archive
