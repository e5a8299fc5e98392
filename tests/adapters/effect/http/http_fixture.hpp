// An adapter with one endpoint, a scripted participant behind it, and a sink that waits.
#pragma once
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/effect/http/http_adapter.hpp"
#include "tests/support/scripted_participant.hpp"
#include "tests/support/waiting_sink.hpp"

namespace amends::http {

using engine::Outcome;
using tests::reply;
using tests::Script;
using tests::ScriptedParticipant;
using tests::SeenRequest;

using testing_support::WaitingSink;

inline engine::Attempt attempt_of(std::string body, std::uint32_t number = 1) {
  engine::Attempt out;
  out.saga = engine::SagaId::make(engine::from_micros(1'700'000'000'000'000), 7, 42);
  out.number = number;
  out.epoch = 3;
  out.step_name = "reserve-stock";
  out.key = out.saga.text() + "/reserve-stock/run/1";
  out.request = std::make_shared<engine::Request>(engine::Request{"http", "there", std::move(body)});
  out.timeout = std::chrono::seconds(20);
  return out;
}

inline const char* post_json = R"({"body":{"sku":"a"},"method":"POST","path":"/reservations"})";

inline HttpEndpoint endpoint_at(const std::string& url) {
  HttpEndpoint out;
  out.name = "there";
  out.base_url = url;
  out.facts.idempotency = engine::Idempotency::barrier;
  out.allow_private = {"127.0.0.0/8"};
  return out;
}

class HttpTest : public testing::Test {
 protected:
  void serve(ScriptedParticipant::Handler handler) {
    participant = std::make_unique<ScriptedParticipant>(std::move(handler));
    endpoint = endpoint_at(participant->url());
  }
  void serve(Script script) {
    serve([script](const SeenRequest&) { return script; });
  }
  HttpAdapter& adapter() {
    if (!adapter_) adapter_ = std::make_unique<HttpAdapter>(options, std::vector{endpoint});
    return *adapter_;
  }
  void submit(engine::Attempt attempt) {
    std::vector<engine::Attempt> attempts;
    attempts.push_back(std::move(attempt));
    adapter().submit(std::move(attempts), sink);
  }
  engine::Reply ask(engine::Attempt attempt) {
    const auto before = sink.count();
    submit(std::move(attempt));
    const auto answers = sink.wait(before + 1);
    return answers.size() > before ? answers[before].reply : engine::Reply{};
  }
  engine::Reply ask(const std::string& body = post_json) { return ask(attempt_of(body)); }

  HttpOptions options;
  HttpEndpoint endpoint;
  std::unique_ptr<ScriptedParticipant> participant;
  WaitingSink sink;

 private:
  std::unique_ptr<HttpAdapter> adapter_;
};

}  // namespace amends::http
