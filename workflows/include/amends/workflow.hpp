// amends/workflow.hpp: everything the author of a workflow includes.
//
// A workflow is a plan: named steps, wired by typed references. The plan is built once, when its plugin is
// loaded, and is data from then on; the engine never runs author code again to find out where a saga stands.
// A step function builds one request out of what is known. It does no I/O, keeps nothing, and reads no clock:
// it may be called from any thread, for several sagas at once, more than once for one step, and once at load
// with sample values (a throw is fine there). A local function (amends::local) is the step itself: it does
// what it likes, and is never called at load.
#pragma once
#include <amends/data.hpp>
#include <amends/http.hpp>
#include <amends/local.hpp>
#include <amends/path.hpp>
#include <amends/plan.hpp>
#include <amends/plugin.hpp>
#include <amends/sql.hpp>
