#include "apps/amends/source.hpp"

#include <algorithm>
#include <map>

#include "apps/amends/asked.hpp"
#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"
#include "engine/base/rfc3339.hpp"
#include "engine/base/text.hpp"
#include "engine/service/preview.hpp"
#include "engine/service/view.hpp"

namespace amends::cli {
namespace {

class DaemonSource final : public Source {
 public:
  explicit DaemonSource(const Context& context) : client_(context) {}

  Json saga(const std::string& id) override { return client_.get("/v1/sagas/" + encoded(id)); }

  Json journal(const std::string& id) override {
    Json rows = Json::array();
    for (std::string after = "0";;) {
      const Json page = client_.get("/v1/sagas/" + encoded(id) + "/journal?after=" + after);
      for (const Json& row : page.at("rows").get_ref<const Json::array_t&>()) rows.push_back(row);
      if (!page.contains("next_after") || page["next_after"].is_null()) break;
      after = std::to_string(page["next_after"].get<std::uint32_t>());
    }
    return {{"rows", std::move(rows)}};
  }

  Json rollback(const std::string& id) override {
    return client_.get("/v1/sagas/" + encoded(id) + "/rollback");
  }

  Json begin_with(const std::string& prefix, std::uint32_t limit) override {
    return client_.get("/v1/sagas?id_prefix=" + encoded(prefix) + "&limit=" + std::to_string(limit))
        .at("sagas");
  }

  Json list(const ListQuery& query) override {
    Json out = Json::array();
    std::string cursor;
    while (out.size() < query.limit) {
      const Json page = client_.get(path(query, query.limit - out.size(), cursor));
      for (const Json& row : page.at("sagas").get_ref<const Json::array_t&>()) out.push_back(row);
      cursor = page.value("next_cursor", "");
      if (cursor.empty()) break;
    }
    return out;
  }

 private:
  static std::string path(const ListQuery& query, std::size_t limit, const std::string& cursor) {
    std::string out = "/v1/sagas?limit=" + std::to_string(std::min<std::size_t>(limit, 500));
    const auto add = [&](const std::string& name, const std::string& value) {
      if (!value.empty()) out += "&" + name + "=" + encoded(value);
    };
    add("workflow", query.workflow);
    add("state", query.state);
    add("key", query.key);
    add("since", query.since);
    add("before", query.before);
    add("cursor", cursor);
    for (const std::string& tag : query.tags) {
      const auto equals = tag.find('=');
      // An empty value is a filter too.
      out += "&tag." + encoded(tag.substr(0, equals)) + "=" + encoded(tag.substr(equals + 1));
    }
    return out;
  }

  Client client_;
};

class StoreSource final : public Source {
 public:
  explicit StoreSource(std::unique_ptr<engine::StoreReader> store) : store_(std::move(store)) {}

  Json saga(const std::string& id) override { return engine::saga_view(stored(id)); }

  Json journal(const std::string& id) override {
    const engine::SagaRow saga = row(id);
    return engine::journal_view(rows(saga.id), graph(saga.plan_id));
  }

  Json rollback(const std::string& id) override {
    const auto preview = engine::preview(stored(id));
    if (!preview.ok()) throw Stop{Exit::failed, engine::escape_controls(preview.sentence)};
    return engine::rollback_view(preview.value);
  }

  Json begin_with(const std::string& prefix, std::uint32_t limit) override {
    Json out = Json::array();
    const auto range = engine::id_range(prefix);
    if (!range) return out;
    for (engine::SagaRow& one : engine::page_within(*range, *store_, {}, limit).rows)
      out.push_back(listed(std::move(one)));
    return out;
  }

  Json list(const ListQuery& query) override {
    engine::SagaFilter filter{query.workflow, query.state, query.key, {}, {}, {}};
    for (const std::string& tag : query.tags) {
      const auto equals = tag.find('=');
      filter.tags.push_back({tag.substr(0, equals), tag.substr(equals + 1)});
    }
    if (!query.since.empty()) filter.created_since = engine::parse_rfc3339(query.since);
    if (!query.before.empty()) filter.created_before = engine::parse_rfc3339(query.before);
    Json out = Json::array();
    for (std::optional<engine::SagaId> before; out.size() < query.limit;) {
      const auto page = store_->list(
          filter, before, static_cast<std::uint32_t>(std::min<std::size_t>(500, query.limit - out.size())));
      for (const engine::SagaRow& one : page.rows) out.push_back(listed(one));
      if (!page.more) break;
      before = page.more;
    }
    return out;
  }

 private:
  engine::SagaRow row(const std::string& text) {
    const auto id = engine::SagaId::parse(text);
    auto found = id ? store_->find_saga(*id) : std::nullopt;
    if (!found) throw Stop{Exit::not_found, "there is no saga " + text.substr(0, 64) + " in this store"};
    return std::move(*found);
  }

  Json listed(engine::SagaRow one) {
    const Json& known = graph(one.plan_id);
    return engine::listed_view(engine::at_present(std::move(one), *store_, known));
  }

  engine::StoredSaga stored(const std::string& id) {
    engine::StoredSaga out{row(id), {}, {}, {}};
    out.journal = rows(out.row.id);
    out.tags = store_->read_tags(out.row.id);
    out.graph = graph(out.row.plan_id);
    return out;
  }

  std::vector<engine::JournalRow> rows(const engine::SagaId& id) {
    std::vector<engine::JournalRow> out;
    for (std::uint32_t after = 0;;) {
      auto page = store_->read_journal(id, after, 1000);
      if (page.empty()) return out;
      after = page.back().seq;
      std::move(page.begin(), page.end(), std::back_inserter(out));
    }
  }

  const Json& graph(const std::string& plan_id) {
    if (graphs_.empty())
      for (const engine::PlanRow& plan : store_->plans())
        graphs_[plan.plan_id] = Json::parse(plan.graph, nullptr, false);
    return graphs_[plan_id];
  }

  std::unique_ptr<engine::StoreReader> store_;
  std::map<std::string, Json> graphs_;  // by plan id
};

}  // namespace

std::unique_ptr<Source> open_source(const Context& context) {
  if (context.store.empty()) return std::make_unique<DaemonSource>(context);
  return std::make_unique<StoreSource>(context.open_store(context.store));
}

std::string whole_id(const std::string& text, Source& source) {
  check_saga_id(text);
  if (engine::SagaId::parse(text)) return text;
  constexpr std::uint32_t shown_max = 10;
  const Json found = source.begin_with(text, shown_max + 1);
  if (found.size() == 1) return found.at(0).at("id").get<std::string>();
  if (found.empty()) throw Stop{Exit::not_found, "there is no saga whose id begins with " + text};
  std::string sentence =
      (found.size() > shown_max ? "more than " + std::to_string(shown_max) : std::to_string(found.size())) +
      " sagas begin with " + text + ":";
  for (std::size_t i = 0; i < found.size() && i < shown_max; ++i)
    sentence += "\n  " + text_of(found[i], "id") + "  " + text_of(found[i], "plan") + "  " +
                text_of(found[i], "state");
  throw Stop{Exit::usage, std::move(sentence)};
}

}  // namespace amends::cli
