#include "apps/amendsd/rest/routes/route_table.hpp"

namespace amends::rest {

Json schemas() {
  static const Json all = Json::parse(R"json({
    "Problem": {"type": "object", "required": ["type", "title", "status"], "properties": {
      "type": {"type": "string", "description": "Stable: /problems/<slug>"}, "title": {"type": "string"},
      "status": {"type": "integer"}, "detail": {"type": "string"}}},
    "Start": {"type": "object", "required": ["workflow", "input"], "additionalProperties": false, "properties": {
      "workflow": {"type": "string"}, "version": {"type": "integer", "minimum": 1},
      "key": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Idempotency key; the Idempotency-Key header is taken too"},
      "input": {"description": "Checked against the workflow's input type"},
      "tags": {"type": "object", "maxProperties": 32, "additionalProperties": {"type": "string", "maxLength": 256}}}},
    "StartBatch": {"type": "object", "required": ["sagas"], "additionalProperties": false, "properties": {
      "sagas": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/Start"}}}},
    "Started": {"type": "object", "required": ["id", "existing"], "properties": {
      "id": {"type": "string", "format": "uuid"}, "existing": {"type": "boolean"},
      "state": {"type": "string", "description": "With ?wait=, beside the other members of a Saga"}}},
    "StartResults": {"type": "object", "required": ["results"], "properties": {
      "results": {"type": "array", "items": {"type": "object", "required": ["status"], "properties": {
        "status": {"type": "integer"}, "id": {"type": "string", "format": "uuid"}, "existing": {"type": "boolean"},
        "type": {"type": "string"}, "title": {"type": "string"}, "detail": {"type": "string"}}}}}},
    "SagaRow": {"type": "object", "required": ["id", "workflow", "plan", "state", "created_at", "updated_at"], "properties": {
      "id": {"type": "string", "format": "uuid"}, "workflow": {"type": "string"}, "plan": {"type": "string"},
      "state": {"type": "string", "enum": ["running", "compensating", "completed", "compensated", "needs_operator", "abandoned"]},
      "key": {"type": "string"}, "step": {"type": "string"}, "error_class": {"type": "string"},
      "created_at": {"type": "string", "format": "date-time"}, "updated_at": {"type": "string", "format": "date-time"},
      "wake_at": {"type": "string", "format": "date-time"},
      "endpoint": {"type": "string", "description": "In a list: what the present step asks"},
      "asked_since": {"type": "string", "format": "date-time", "description": "In a list: the present step's first attempt"}}},
    "SagaPage": {"type": "object", "required": ["sagas"], "properties": {
      "sagas": {"type": "array", "items": {"$ref": "#/components/schemas/SagaRow"}}, "next_cursor": {"type": "string"}}},
    "Error": {"type": "object", "properties": {"class": {"type": "string"}, "message": {"type": "string"}, "step": {"type": "string"},
      "undo": {"type": "string", "description": "It is the step's undo that is stuck"}}},
    "Act": {"type": "object", "description": "A command that was obeyed", "properties": {
      "verb": {"type": "string"}, "answer": {"type": "string"}, "at": {"type": "string", "format": "date-time"},
      "actor": {"type": "string"}, "reason": {"type": "string"}, "step": {"type": "string"}, "undo": {"type": "string"}}},
    "Turn": {"allOf": [{"$ref": "#/components/schemas/Error"}, {"type": "object", "properties": {
      "to": {"type": "string"}, "at": {"type": "string", "format": "date-time"}}}]},
    "Offer": {"type": "object", "description": "A command that would be accepted now", "properties": {
      "command": {"type": "string"}, "step": {"type": "string"}, "happened": {"type": "boolean"}, "result_type": {"type": "string"}}},
    "Leg": {"type": "object", "properties": {
      "attempts": {"type": "integer"}, "in_flight": {"type": "boolean"}, "in_doubt": {"type": "boolean"},
      "revision": {"type": "integer"},
      "adapter": {"type": "string", "description": "What the request goes through: http, sql, local"}, "endpoint": {"type": "string"}, "wake_at": {"type": "string", "format": "date-time"},
      "not_before": {"type": "string", "format": "date-time", "description": "Of an undo: until then the attempt in doubt may still arrive, so the undo waits"},
      "error": {"$ref": "#/components/schemas/Error"},
      "act": {"$ref": "#/components/schemas/Act"},
      "skipped": {"type": "boolean", "description": "An undo that an operator passed over: its step still stands"},
      "log": {"type": "array", "description": "The latest attempts", "items": {"type": "object", "properties": {
        "number": {"type": "integer"}, "sent_at": {"type": "string"}, "ended_at": {"type": "string"},
        "outcome": {"type": "string", "enum": ["done", "rejected", "transient", "unknown"]},
        "error": {"$ref": "#/components/schemas/Error"}}}}}},
    "Step": {"allOf": [{"$ref": "#/components/schemas/Leg"}, {"type": "object", "properties": {
      "name": {"type": "string"}, "kind": {"type": "string"}, "after": {"type": "array", "items": {"type": "string"}},
      "state": {"type": "string"}, "result": {},
      "undo": {"allOf": [{"$ref": "#/components/schemas/Leg"}, {"type": "object", "properties": {"name": {"type": "string"}}}]}}}]},
    "Saga": {"allOf": [{"$ref": "#/components/schemas/SagaRow"}, {"type": "object", "properties": {
      "seq": {"type": "integer"}, "input": {}, "tags": {"type": "object"}, "cancel": {"type": "string"},
      "cancel_remembered": {"type": "boolean"},
      "acts": {"type": "array", "items": {"$ref": "#/components/schemas/Act"}},
      "turns": {"type": "array", "items": {"$ref": "#/components/schemas/Turn"}},
      "next": {"type": "array", "items": {"$ref": "#/components/schemas/Offer"}},
      "set_aside": {"type": "object", "description": "Its plan is not loaded", "properties": {"class": {"type": "string"}, "shape": {"type": "string"}}},
      "cause": {"$ref": "#/components/schemas/Error"}, "ended_at": {"type": "string", "format": "date-time"},
      "damaged": {"type": "string", "description": "Why the journal cannot be read"},
      "steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}}}}]},
    "Journal": {"type": "object", "required": ["rows"], "properties": {
      "next_after": {"type": "integer"},
      "rows": {"type": "array", "items": {"type": "object", "properties": {
        "seq": {"type": "integer"}, "at": {"type": "string"}, "epoch": {"type": "integer"}, "commit_seq": {"type": "integer"},
        "entries": {"type": "array", "items": {"type": "object"}}}}}}},
    "Rollback": {"type": "object", "required": ["possible", "undos"], "properties": {
      "possible": {"type": "boolean"}, "why_not": {"type": "string"},
      "undos": {"type": "array", "items": {"type": "object", "properties": {
        "wave": {"type": "integer"}, "step": {"type": "string"}, "undo": {"type": "string"}, "may_not_have_happened": {"type": "boolean"}}}}}},
    "Command": {"type": "object", "required": ["command"], "additionalProperties": false, "properties": {
      "command": {"type": "string", "enum": ["cancel", "retry", "skip", "resolve", "abandon"]},
      "step": {"type": "string"}, "reason": {"type": "string"}, "actor": {"type": "string", "description": "Who gives it; required for skip, resolve and abandon"},
      "happened": {"type": "boolean", "description": "resolve: what the evidence says"}, "result": {}}},
    "CommandAnswer": {"type": "object", "required": ["answer"], "properties": {"answer": {"type": "string", "enum": ["accepted", "remembered"]}}},
    "Workflows": {"type": "object", "required": ["workflows", "refused"], "properties": {
      "workflows": {"type": "array", "items": {"type": "object"}}, "refused": {"type": "array", "items": {"type": "object"}}}},
    "Workflow": {"type": "object", "properties": {
      "workflow": {"type": "string"}, "version": {"type": "integer"}, "shape": {"type": "string"},
      "steps": {"type": "array", "items": {"type": "object"}}, "picture": {"type": "string"}}},
    "Engines": {"type": "object", "required": ["shared", "engines", "shards"], "properties": {
      "shared": {"type": "boolean", "description": "False: this engine has its store alone"},
      "engines": {"type": "array", "items": {"type": "object", "required": ["engine", "alive", "state", "shards"], "properties": {
        "engine": {"type": "string"}, "alive": {"type": "boolean", "description": "Its lease stands"},
        "state": {"type": "string", "enum": ["alive", "left", "dead"], "description": "dead: it is gone without having left"},
        "shards": {"type": "integer"}, "epoch": {"type": "integer"}, "commit_seq": {"type": "integer"},
        "address": {"type": "string", "description": "Where it serves"}, "version": {"type": "string"},
        "writes_since": {"type": "string", "format": "date-time"}, "lease_until": {"type": "string", "format": "date-time"},
        "lease_left_ms": {"type": "integer", "description": "By the store's clock; negative once it has passed"},
        "heard_at": {"type": "string", "format": "date-time", "description": "Of one that is gone: when it was known to live last"},
        "backend": {"type": "integer", "description": "The database's process that it writes through"},
        "schema": {"type": "object", "description": "The versions that it runs on", "properties": {
          "oldest": {"type": "integer"}, "newest": {"type": "integer"}}}}}},
      "shards": {"type": "array", "items": {"type": "object", "properties": {
        "shard": {"type": "integer"}, "engine": {"type": "string", "description": "Left out: nobody owns it"},
        "live": {"type": "integer", "description": "Sagas that are not over"}}}},
      "fair_share": {"type": "integer", "description": "Shards divided by the living engines, rounded up"},
      "free": {"type": "integer", "description": "Shards that nobody owns"},
      "free_for_ms": {"type": "integer", "description": "For how long there have been any"},
      "commands": {"type": "object", "properties": {
        "waiting": {"type": "integer", "description": "Undecided, up to 100000"}, "oldest_waits_ms": {"type": "integer"},
        "refused": {"type": "integer", "description": "Answered invalid and not yet forgotten"},
        "latest_refused": {"type": "array", "items": {"type": "object", "properties": {
          "saga": {"type": "string", "format": "uuid"}, "command": {"type": "string"}, "detail": {"type": "string"},
          "at": {"type": "string", "format": "date-time"}}}},
        "unplanned": {"type": "array", "description": "Starts that wait and no engine has ever had a plan for", "items": {
          "type": "object", "properties": {"workflow": {"type": "string"}, "version": {"type": "integer"}, "count": {"type": "integer"}}}}}}}},
    "Health": {"type": "object", "properties": {"status": {"type": "string"}}}
  })json");
  return all;
}

}  // namespace amends::rest
