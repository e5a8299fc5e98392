"""What the samples need of amendsd's REST surface."""

import http.client
import json
import time
import urllib.parse

from processes import Failed


class Refused(Exception):
    """amendsd answered, and not with what was asked for."""

    def __init__(self, status, body):
        super().__init__(f"amendsd answered {status}: {body}")
        self.status = status
        self.body = body


class Engine:
    """One keep-alive connection; one thread. A lost connection raises OSError or http.client.HTTPException."""

    def __init__(self, url, timeout=30):
        where = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=timeout)

    def close(self):
        self.connection.close()

    def call(self, method, path, body=None):
        headers, text = {}, None
        if body is not None:
            headers["Content-Type"] = "application/json"
            text = json.dumps(body, ensure_ascii=False).encode()
        try:
            self.connection.request(method, path, text, headers)
            reply = self.connection.getresponse()
            answer = reply.read().decode()
        except BaseException:
            self.connection.close()
            raise
        if not 200 <= reply.status < 300:
            raise Refused(reply.status, answer[:300])
        return json.loads(answer)

    def start(self, workflow, key, data):
        return self.call("POST", "/v1/sagas", {"workflow": workflow, "key": key, "input": data})["id"]

    def start_batch(self, sagas):
        """One result per saga, in order: {"status": 201 or 200 or what was wrong, "id": ...}."""
        return self.call("POST", "/v1/sagas:batch", {"sagas": sagas})["results"]

    def show(self, saga_id):
        return self.call("GET", f"/v1/sagas/{saga_id}")

    def list(self, limit=500, **filters):
        """Every saga that the filters let through, page by page."""
        cursor = None
        while True:
            query = {**filters, "limit": limit, **({"cursor": cursor} if cursor else {})}
            page = self.call("GET", "/v1/sagas?" + urllib.parse.urlencode(query))
            yield from page["sagas"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def any(self, **filters):
        return next(self.list(limit=1, **filters), None) is not None


def hand_in(url, starts, patience=60):
    """Until each is acknowledged, whatever happens to the daemon: the same key is the same saga. The ids by key."""
    deadline = time.monotonic() + patience
    while True:
        try:
            results = Engine(url).start_batch(starts)
            if all(result["status"] in (200, 201) for result in results):
                return {start["key"]: result["id"] for start, result in zip(starts, results)}
        except (OSError, http.client.HTTPException):
            pass
        if time.monotonic() > deadline:
            raise Failed("the sagas are not taken")
        time.sleep(0.05)


def wait_for_end(url, workflow, ids, patience=60):
    """The state in which each came to rest, by key. `ids` are what `hand_in` returned."""
    engine = Engine(url)
    deadline = time.monotonic() + patience
    while True:
        states = {saga["id"]: saga["state"] for saga in engine.list(workflow=workflow)}
        if all(states.get(saga_id) in ("completed", "compensated", "needs_operator") for saga_id in ids.values()):
            return {key: states[saga_id] for key, saga_id in ids.items()}
        if time.monotonic() > deadline:
            raise Failed("some sagas do not come to an end")
        time.sleep(0.1)
