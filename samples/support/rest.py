"""What the samples need of amendsd's REST surface."""

import http.client
import json
import urllib.parse


class Refused(Exception):
    """amendsd answered, and not with what was asked for."""

    def __init__(self, status, body):
        super().__init__(f"amendsd answered {status}: {body}")
        self.status = status


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
