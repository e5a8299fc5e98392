// What a saga is at now. Its row does not say while waits are short: a retry within seconds is not worth a
// write. The journal does.
#pragma once
#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// A saga of a list. Of one that runs or compensates, `row` says what the journal says: the step that is asked
// or waits, the one in trouble before the others, else the one that is asked the longest.
struct ListedSaga {
  SagaRow row;
  std::string endpoint;                 // that the present step asks; empty when none is asked
  std::optional<WallTime> asked_since;  // the first attempt of its present request
};

// `graph` as StoredSaga has it. Of a journal that goes on and on, the beginning and the end are read. Throws
// StoreUnavailable.
ListedSaga at_present(SagaRow row, StoreReader& store, const Json& graph);

// The newest sagas of a range of ids, below `before`: a walk along the primary key that ends with the range
// or the page.
SagaPage page_within(const SagaIdRange& range, StoreReader& store, std::optional<SagaId> before,
                     std::uint32_t count_max);

}  // namespace amends::engine
