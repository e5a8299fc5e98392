"""The rules of the house, as data. docs/ARCHITECTURE.md says what they are for.

A path belongs to the layer with the longest matching prefix. `sees` is everything that a layer may include;
a layer always sees itself.
"""

LAYERS = {
    # layer: (path prefix, what it sees)
    "base": ("engine/base/", ""),
    "definition": ("engine/definition/", "base"),
    "journal": ("engine/journal/", "base definition"),
    "lifecycle": ("engine/lifecycle/", "base definition journal"),
    "ports": ("engine/ports/", "base definition journal"),
    "runtime": ("engine/runtime/", "base definition journal lifecycle ports"),
    "service": ("engine/service/", "base definition journal ports runtime"),
    "verify": ("engine/verify/", "base definition journal lifecycle ports runtime"),
    "authoring": ("workflows/include/", ""),
    "host": ("workflows/host/", "base definition ports authoring"),
    "plugin": ("workflows/", "authoring"),
    "barrier": ("adapters/barrier/", ""),
    "adapter": ("adapters/", "base definition journal ports barrier"),
    "measure": ("measure/", "base definition journal ports service host runtime adapter authoring"),
    "app": ("apps/", "base definition journal ports service verify host"),
    "main": ("apps/", "base definition journal ports service verify host runtime app adapter barrier measure"),
}

# Only these files may name an adapter: here everything is put together, and nowhere else.
MAIN_FILES = r"^apps/[a-z_]+/main\.cpp$|^apps/amendsd/(effects|open_store)\.[ch]pp$"

# Tests, benches and samples stand outside the layers and may include any of them.
OUTSIDE = ("tests/", "bench/", "samples/")

# What an include between angle brackets, or from a foreign library, means for the layers above.
FOREIGN_LAYERS = {"amends/barrier": "barrier", "amends/": "authoring"}

# A foreign header may be included only under these paths (regular expressions).
FOREIGN_HEADERS = {
    r"^boost/": [r"^engine/lifecycle/[a-z_]+\.cpp$", r"^engine/lifecycle/msm\.hpp$"],
    r"^httplib\.h$": [r"^apps/amendsd/rest/", r"^tests/rest/", r"^samples/participants/"],
    r"^sqlite3\.h$": [r"^adapters/store/sqlite/", r"^adapters/effect/sql/", r"^adapters/barrier/", r"^tests/support/",
                      r"^tests/adapters/(barrier|store/sqlite|effect/sql)/", r"^tests/simulation/outside/participant_kinds\.cpp$", r"^samples/", r"^measure/"],
    r"^pqxx/": [r"^adapters/store/postgres/", r"^tests/support/", r"^tests/adapters/store/postgres/", r"^bench/"],
    r"^libpq-fe\.h$": [r"^adapters/store/postgres/", r"^adapters/effect/sql/", r"^tests/support/",
                       r"^tests/adapters/(store/postgres|effect/sql)/", r"^tests/fuzz/", r"^bench/", r"^measure/"],
    r"^curl/": [r"^adapters/effect/http/", r"^apps/amends/", r"^tests/", r"^bench/", r"^samples/"],
    r"^openssl/": [r"^engine/base/", r"^tests/"],
    r"^toml\+\+/|^toml\.hpp$": [r"^apps/amendsd/config/"],
    r"^CLI/": [r"^apps/", r"^samples/", r"^bench/", r"^tests/simulation/main\.cpp$"],
    r"^spdlog/": [r"^apps/"],
    r"^(gtest|gmock|rapidcheck)[/.]": [r"^tests/"],
    r"^dlfcn\.h$": [r"^workflows/host/", r"^tests/", r"^bench/"],
}

# A header that only some files may include: MSM must not leak into the units that merely decide.
OWN_HEADERS = {r"^engine/lifecycle/msm\.hpp$": [r"^engine/lifecycle/[a-z_]+\.cpp$"]}

# The pure layers compute and do nothing else.
PURE = ("engine/definition/", "engine/journal/", "engine/lifecycle/")
# What a simulation drives as the daemon does: time and chance come by ports, and waiting is the driver's. So
# the same holds for all of the runtime, but for the files in which its threads meet.
DRIVEN = ("engine/runtime/",)
WHERE_THREADS_MEET = {
    "engine/runtime/engine.hpp": "holds the threads", "engine/runtime/engine.cpp": "holds the threads",
    "engine/runtime/writer_thread.hpp": "the writer's", "engine/runtime/writer_thread.cpp": "the writer's",
    "engine/runtime/prepare_pool.hpp": "those of authors' functions", "engine/runtime/prepare_pool.cpp": "those of authors' functions",
    "engine/runtime/inbox.hpp": "any thread puts something in", "engine/runtime/standing.hpp": "any thread reads it",
    "engine/runtime/thread_name.hpp": "what a profile shows",
}
IMPURE_HEADERS = {
    "a thread": r"^(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token)$",
    "randomness": r"^(random)$|^sys/random\.h$",
    "I/O": r"^(iostream|fstream|cstdio|stdio\.h|filesystem|unistd\.h|fcntl\.h|syslog\.h)$|^sys/(socket|stat|mman|file)\.h$",
    "a clock": r"^(ctime|time\.h)$|^sys/time\.h$",
}
IMPURE_WORDS = {
    "a clock": r"\b(system_clock|steady_clock|high_resolution_clock)\b|\bclock_gettime\b|\bgettimeofday\b|\btime\s*\(\s*(nullptr|NULL|0)\s*\)",
    "a thread": r"\bstd::(j?thread|(recursive_|shared_|timed_)*mutex|condition_variable(_any)?|async|promise|lock_guard|unique_lock|scoped_lock)\b|\bpthread_\w+|\bthis_thread\b|\bu?sleep(_for|_until)?\s*\(|\bnanosleep\b",
    "randomness": r"\bstd::(random_device|mt19937(_64)?|uniform_\w+_distribution)\b|\bs?rand\s*\(|\bgetrandom\b",
    "the environment": r"\b(secure_)?getenv\b",
    "I/O": r"\bstd::(cout|cerr|clog|cin|[io]?fstream|filesystem)\b|\b(f?printf|puts|fopen|fwrite|syslog)\s*\(",
}
# Order by address differs from run to run, and so would the journal.
ADDRESS_ORDER = r"\bstd::(multi)?(map|set)\s*<\s*(const\s+)?[\w:]+\s*\*"

LINES_MAX = 300
LINES_COUNTED = (".cpp", ".hpp", ".py", ".sh", ".cmake")

UNFINISHED = r"\b(TODO|FIXME|XXX)\b"

# SQL that is glued together out of strings is how an input becomes a statement. Values are bound.
SQL_START = r"^\s*(select|insert|update|delete|replace|create|drop|alter|attach|pragma|with)\s"
SQL_PLACES = ("adapters/", "engine/", "apps/", "measure/", "samples/", "tests/support/")
SQL_ALLOWED = {
    # (path, text on the line): why it is safe
    ("adapters/store/sqlite/schema.cpp", "pragma "): "a pragma takes no parameters, and these are two numbers of ours",
    ("tests/support/postgres.cpp", "create database "): "a name takes no parameter, and it is the test's own",
    ("measure/ground_postgres.cpp", " database "): "a name takes no parameter, and it is one that we drew: letters and digits",
    ("adapters/store/sqlite/schema.cpp", "begin exclusive;"): "the file is one that was compiled in",
}

# What a CMake target under a path may link, besides itself and the layers its directory sees.
TARGET_LAYERS = {
    "engine_base": "base", "engine_definition": "definition", "engine_journal": "journal",
    "engine_lifecycle": "lifecycle", "engine_ports": "ports", "engine_runtime": "runtime",
    "engine_service": "service", "engine_verify": "verify", "amends_authoring": "authoring", "workflows_host": "host",
    "amends_barrier": "barrier", "archive_jsonl": "adapter", "clock_system": "adapter", "effect_http": "adapter", "effect_sql": "adapter",
    "store_memory": "adapter", "store_sqlite": "adapter", "store_postgres": "adapter", "measure": "measure",
    "effect_local": "adapter",
}
LIBRARY_PLACES = {
    r"^amends_boost$|^Boost::": [r"^engine/lifecycle/"],
    r"httplib": [r"^apps/amendsd/"],
    r"^SQLite::": [r"^adapters/store/sqlite/", r"^adapters/effect/sql/", r"^adapters/barrier/", r"^measure/"],
    r"^PkgConfig::pqxx$": [r"^adapters/store/postgres/", r"^tests/support/", r"^tests/adapters/store/postgres/", r"^bench/"],
    r"^PkgConfig::pq$": [r"^adapters/store/postgres/", r"^adapters/effect/sql/", r"^tests/support/",
                         r"^tests/adapters/(store/postgres|effect/sql)/", r"^bench/", r"^measure/"],
    r"^CURL::": [r"^adapters/effect/http/", r"^apps/amends/"],
    r"^OpenSSL::": [r"^engine/base/"],
    r"^GTest::|^rapidcheck": [],
}
# A program may link everything that its main.cpp names.
PROGRAMS = r"^(amendsd|amends)$"

NOT_OURS = {".git", "build", "amends-data", "node_modules", "__pycache__"}
# Snippets that the tidy test must find, and inputs that no person wrote.
BAD_ON_PURPOSE = ("tests/tidy/corpus/", "tests/fuzz/corpus/", "tests/fuzz/regressions/")
