#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"
#include "engine/journal/entry.hpp"
#include "engine/service/preview.hpp"

namespace amends::rest {
namespace {

constexpr std::uint32_t journal_page = 500;

void answer_json(const Json& value, httplib::Response& response) {
  put({.status = 200, .body = engine::canonical(value)}, response);
}

// What an operator says in place of the participant stands in the journal under a name.
bool must_name_an_actor(engine::Verb verb) {
  switch (verb) {
    case engine::Verb::abandon:
    case engine::Verb::skip:
    case engine::Verb::resolve: return true;
    case engine::Verb::cancel:
    case engine::Verb::retry: return false;
  }
  return true;
}

}  // namespace

void Api::add_sagas() {
  routes_.push_back({"GET",
                     "/v1/sagas",
                     "List sagas, the newest first",
                     {{"workflow", "query", "Only this workflow"},
                      {"state", "query", "Only this state"},
                      {"key", "query", "Only the saga started with this key"},
                      {"tag.NAME", "query", "Only with this tag; several must all match"},
                      {"since", "query", "Created at or after this RFC 3339 time"},
                      {"before", "query", "Created before this RFC 3339 time"},
                      {"id_prefix", "query", "Only ids that begin like this; beside no other filter"},
                      {"limit", "query", "1 to 500, default 50"},
                      {"cursor", "query", "next_cursor of the page before"}},
                     "",
                     {{200, "A page", "SagaPage"}, {400, "A filter is malformed", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query query(request);
                       const engine::SagaFilter filter = read_filter(query);
                       const auto ids = query.id_prefix("id_prefix");
                       const std::uint32_t limit = query.count("limit", 50, 1, engine::list_max);
                       const auto before = query.saga("cursor");
                       query.finish();
                       // Together they would walk far behind the range.
                       if (ids && filter != engine::SagaFilter{})
                         throw BadRequest{"'id_prefix' goes with no other filter"};
                       const auto page = ids ? parts_.service.list(*ids, before, limit)
                                             : parts_.service.list(filter, before, limit);
                       if (!page.ok()) return put(refusal(page.error, page.sentence), response);
                       Json out{{"sagas", Json::array()}};
                       for (const engine::ListedSaga& one : page.value.sagas)
                         out["sagas"].push_back(engine::listed_view(one));
                       if (page.value.more) out["next_cursor"] = page.value.more->text();
                       answer_json(out, response);
                     }});
  routes_.push_back({"GET",
                     "/v1/sagas/{id}",
                     "Show a saga: state, steps, attempts, undos",
                     {{"id", "path", "The saga's id"},
                      {"wait", "query", "Answer when it ends or needs an operator, at most so long"}},
                     "",
                     {{200, "The saga", "Saga"},
                      {400, "The id or the query is malformed", "Problem"},
                      {404, "There is none", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query query(request);
                       const auto wait = query.duration("wait", std::chrono::milliseconds(60'000));
                       query.finish();
                       const engine::SagaId id = saga_of(request);
                       if (wait) return answer_after_wait(id, std::nullopt, *wait, current_exchange().park());
                       const auto stored = parts_.service.find_saga(id);
                       if (!stored.ok()) return put(refusal(stored.error, stored.sentence), response);
                       answer_json(engine::saga_view(stored.value), response);
                     }});
  routes_.push_back({"GET",
                     "/v1/sagas/{id}/journal",
                     "Everything that happened to a saga",
                     {{"id", "path", "The saga's id"}, {"after", "query", "Only rows with a higher seq"}},
                     "",
                     {{200, "Rows in order", "Journal"},
                      {400, "The id or the query is malformed", "Problem"},
                      {404, "There is no such saga", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query query(request);
                       const std::uint32_t after = query.count("after", 0, 0, 0xffffffffu);
                       query.finish();
                       const engine::SagaId id = saga_of(request);
                       const auto rows = parts_.service.journal(id, after, journal_page);
                       if (!rows.ok()) return put(refusal(rows.error, rows.sentence), response);
                       const auto stored = parts_.service.find_saga(id);
                       Json out = engine::journal_view(rows.value, stored.ok() ? stored.value.graph : Json());
                       if (rows.value.size() == journal_page) out["next_after"] = rows.value.back().seq;
                       answer_json(out, response);
                     }});
  routes_.push_back({"GET",
                     "/v1/sagas/{id}/rollback",
                     "Preview what cancelling now would undo; changes nothing",
                     {{"id", "path", "The saga's id"}},
                     "",
                     {{200, "The preview", "Rollback"},
                      {400, "The id or the query is malformed", "Problem"},
                      {404, "There is no such saga", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query(request).finish();
                       const auto preview = parts_.service.rollback(saga_of(request));
                       if (!preview.ok()) return put(refusal(preview.error, preview.sentence), response);
                       answer_json(engine::rollback_view(preview.value), response);
                     }});
}

void Api::add_commands() {
  routes_.push_back(
      {"POST",
       "/v1/sagas/{id}/commands",
       "Cancel, retry, skip, resolve or abandon",
       {{"id", "path", "The saga's id"}},
       "Command",
       {{200, "Accepted, durably; or remembered", "CommandAnswer"},
        {400, "The request is malformed", "Problem"},
        {404, "There is no such saga", "Problem"},
        {409, "It does not fit the saga's state, it is over, or it is too late", "Problem"},
        {503, "Not now; look at the saga before giving it again", "Problem"}},
       [this](const httplib::Request& request, httplib::Response&) {
         Query(request).finish();
         const engine::SagaId saga = saga_of(request);
         const Json body = read_object(request);
         Members members(body, "");
         engine::CommandRequest command;
         command.saga = saga;
         const std::string verb = members.text("command", true);
         const auto known = engine::find_verb(verb);
         if (!known) throw BadRequest{"'command' must be cancel, retry, skip, resolve or abandon"};
         command.verb = *known;
         command.actor = members.text("actor");
         if (command.actor.empty() && must_name_an_actor(command.verb))
           throw BadRequest{verb + " needs 'actor': the person who answers for it"};
         command.reason = members.text("reason");
         command.step = members.text("step");
         const auto happened = members.flag("happened");
         if (command.verb == engine::Verb::resolve && !happened)
           throw BadRequest{"resolve needs 'happened': true or false"};
         command.happened = happened.value_or(false);
         if (const Json* result = members.find("result")) command.result = *result;
         members.finish();
         const Parked parked = current_exchange().park();
         parts_.service.command(command, [parked](const engine::Answer<engine::Verdict>& answer) {
           if (!answer.ok()) return parked.answer(refusal(answer.error, answer.sentence));
           parked.answer(200, engine::canonical({{"answer", engine::name_of(answer.value)}}));
         });
       }});
}

}  // namespace amends::rest
