#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "apps/amends/asked.hpp"
#include "apps/amends/client.hpp"
#include "apps/amends/output.hpp"
#include "engine/base/text.hpp"

namespace amends::cli {
namespace {

constexpr std::size_t batch_size = 100;

struct StartFlags {
  std::string workflow, input, input_file, inputs, key, key_field, wait;
  std::uint32_t version = 0;
  std::vector<std::string> tags;
};

std::string read_all(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw Stop{Exit::usage, "cannot read " + path};
  return {std::istreambuf_iterator<char>(file), {}};
}

Json parse_or_stop(const std::string& text, const std::string& what) {
  engine::ParsedJson parsed = engine::parse_json(text);
  if (!parsed.ok()) throw Stop{Exit::usage, what + ": " + engine::escape_controls(parsed.error)};
  return std::move(parsed.value);
}

Json start_body(const StartFlags& flags, Json input) {
  Json body{{"workflow", flags.workflow}, {"input", std::move(input)}};
  if (flags.version > 0) body["version"] = flags.version;
  for (const std::string& tag : flags.tags) {
    const auto equals = tag.find('=');
    body["tags"][tag.substr(0, equals)] = tag.substr(equals + 1);
  }
  return body;
}

void start_one(const StartFlags& flags, Context& context) {
  const std::string text = flags.input_file.empty() ? flags.input : read_all(flags.input_file);
  Json body = start_body(flags, parse_or_stop(text.empty() ? "{}" : text, "the input"));
  if (!flags.key.empty()) body["key"] = flags.key;
  const std::string query = flags.wait.empty() ? "" : "?wait=" + encoded(flags.wait);
  Client client(context);
  Json answer = client.post("/v1/sagas" + query, body);
  // A key that was used before may name a saga at any point of its life; a new one has hardly begun.
  if (answer.value("existing", false) && !answer.contains("state"))
    answer["state"] = client.get("/v1/sagas/" + encoded(text_of(answer, "id"))).value("state", "");
  if (!flags.wait.empty() && text_of(answer, "state") != "completed") context.exit = Exit::failed;
  if (context.output != Output::table) return print_one(answer, context.output);
  std::string line = text_of(answer, "id");
  if (answer.contains("state")) line += "  " + paint_state(text_of(answer, "state"), context.colour);
  if (answer.value("existing", false)) line += "  (started before under this key)";
  std::printf("%s\n", line.c_str());
}

class Progress {
 public:
  Progress(bool shown, std::size_t total) : shown_(shown), total_(total) {}
  ~Progress() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
  }
  void at(std::size_t done) const {
    if (!shown_) return;
    std::string bar(30, '.');
    for (std::size_t i = 0; i < done * 30 / std::max<std::size_t>(total_, 1); ++i) bar[i] = '#';
    std::fprintf(stderr, "\r[%s] %zu/%zu", bar.c_str(), done, total_);
  }

 private:
  bool shown_;
  std::size_t total_;
};

struct Line {
  std::size_t number;  // in the file, where blank ones count
  Json body;
};

std::vector<Line> read_lines(const StartFlags& flags) {
  std::vector<Line> out;
  const std::string text = read_all(flags.inputs);
  for (std::size_t from = 0, line = 1; from < text.size(); ++line) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    const std::string one = text.substr(from, to - from);
    from = to + 1;
    if (one.find_first_not_of(" \t\r") == std::string::npos) continue;
    Json input = parse_or_stop(one, flags.inputs + ":" + std::to_string(line));
    Json body = start_body(flags, input);
    if (!flags.key_field.empty()) {
      if (!input.is_object() || !input.contains(flags.key_field) || !input[flags.key_field].is_string())
        throw Stop{Exit::usage, flags.inputs + ":" + std::to_string(line) + ": '" + flags.key_field +
                                    "' is no string there"};
      body["key"] = input[flags.key_field];
    }
    out.push_back({line, std::move(body)});
  }
  return out;
}

void start_many(const StartFlags& flags, Context& context) {
  const std::vector<Line> lines = read_lines(flags);
  Client client(context);
  const Progress progress(context.progress, lines.size());
  std::size_t created = 0, existing = 0, failed = 0;
  for (std::size_t from = 0; from < lines.size(); from += batch_size) {
    Json batch{{"sagas", Json::array()}};
    for (std::size_t i = from; i < std::min(from + batch_size, lines.size()); ++i)
      batch["sagas"].push_back(lines[i].body);
    const Json answer = client.post("/v1/sagas:batch", batch);
    for (std::size_t i = 0; i < answer.at("results").size(); ++i) {
      const Json& one = answer.at("results")[i];
      const auto status = number_of(one, "status");
      status == 201 ? ++created : status == 200 ? ++existing : ++failed;
      if (context.output == Output::jsonl) print_jsonl(Json::array({one}));
      if (status / 100 != 2)
        std::fprintf(stderr, "line %zu: %s\n", lines.at(from + i).number, text_of(one, "detail").c_str());
    }
    progress.at(std::min(from + batch_size, lines.size()));
  }
  if (context.output == Output::table)
    std::printf("%s started, %zu started before under their keys, %zu failed\n",
                counted(created, "saga", "sagas").c_str(), existing, failed);
  else if (context.output == Output::json)
    print_json({{"created", created}, {"existing", existing}, {"failed", failed}});
  if (failed > 0) context.exit = Exit::failed;
}

}  // namespace

void add_start(CLI::App& app, Context& context) {
  auto flags = std::make_shared<StartFlags>();
  CLI::App* start = app.add_subcommand("start", "Start a saga, or many");
  start->add_option("workflow", flags->workflow, "the workflow's name")->required();
  auto* input = start->add_option("--input", flags->input, "its input")->type_name("JSON");
  auto* file = start->add_option("--input-file", flags->input_file, "its input from a file; - is stdin")
                   ->excludes(input);
  start->add_option("--inputs", flags->inputs, "many: one input a line, one saga each; - is stdin")
      ->type_name("FILE")
      ->excludes(input)
      ->excludes(file);
  auto* key =
      start->add_option("--key", flags->key, "idempotency key: the same start again gives the same saga");
  start->add_option("--key-field", flags->key_field, "with --inputs: the input's member to take the key from")
      ->excludes(key);
  start->add_option("--version", flags->version, "the workflow's version; default the newest");
  start->add_option("--tag", flags->tags, "may be given several times")
      ->type_name("NAME=VALUE")
      ->check(wrong_tag);
  start
      ->add_option("--wait", flags->wait,
                   "wait for its end, at most so long; exit code 0 only when it completed")
      ->type_name("10s");
  start->callback([flags, &context] {
    if (!context.store.empty()) throw Stop{Exit::usage, "--store only reads; 'start' needs a daemon"};
    check_wait(flags->wait);
    if (!flags->inputs.empty() && !flags->wait.empty())
      throw Stop{Exit::usage,
                 "--inputs does not wait for the ends of its sagas; leave --wait out, and see amends list"};
    flags->inputs.empty() ? start_one(*flags, context) : start_many(*flags, context);
  });
}

}  // namespace amends::cli
