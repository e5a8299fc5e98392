#!/usr/bin/env python3
"""The surface as a whole: methods, openapi.json, metrics, health, a thousand waiters, stopping, a full disk."""

import json
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from world import ApiTest, Daemon, Desk, main

ROUTES = {
    ("GET", "/v1/sagas"), ("POST", "/v1/sagas"), ("POST", "/v1/sagas:batch"), ("GET", "/v1/sagas/{id}"),
    ("GET", "/v1/sagas/{id}/journal"), ("GET", "/v1/sagas/{id}/rollback"), ("POST", "/v1/sagas/{id}/commands"),
    ("GET", "/v1/workflows"), ("GET", "/v1/engines"), ("GET", "/v1/workflows/{name}/{version}"), ("GET", "/livez"), ("GET", "/readyz"),
    ("GET", "/metrics"), ("GET", "/openapi.json"),
}
SAMPLE = re.compile(r"^([a-z_]+)(?:\{([a-z]+=\"[^\"\n]*\"(?:,[a-z]+=\"[^\"\n]*\")*)\})? (-?[0-9.e+]+)$")


class Surface(ApiTest):
    def test_other_methods_are_answered_405_with_those_that_work(self):
        allowed = {}
        for method, path in ROUTES:
            allowed.setdefault(path, set()).add(method)
        for path, methods in allowed.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
                with self.subTest(method=method, path=path):
                    body = None if method in ("GET", "DELETE") else {}
                    answer = self.daemon.call(method, path.format(id="x", name="x", version="1"), body)
                    self.assert_problem(answer, 405, "method-not-allowed")
                    self.assertEqual(set(answer.headers["Allow"].split(", ")), methods)

    def test_other_paths_are_answered_404(self):
        for path in ("/", "/v1", "/v1/", "/v1/sagas/", "/v2/sagas", "/v1/sagas:delete", "/V1/sagas", "/v1/sagas/x/y",
                     "/metrics/x", "/v1/workflows/hello"):
            with self.subTest(path=path):
                self.assert_problem(self.daemon.get(path), 404, "not-found")

    def test_openapi_names_exactly_what_is_there(self):
        document = self.daemon.get("/openapi.json").json
        self.assertEqual(document["openapi"], "3.1.0")
        named = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
        self.assertEqual(named, ROUTES)
        ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
        self.assertEqual(len(ids), len(set(ids)))
        for reference in re.findall(r'"#/components/schemas/([A-Za-z]+)"', json.dumps(document)):
            self.assertIn(reference, document["components"]["schemas"])

    def test_what_a_route_answers_is_documented(self):
        """Each route with good, missing and malformed input: only statuses that openapi.json names."""
        document = self.daemon.get("/openapi.json").json
        saga = self.daemon.start(wait="20s")
        tries = {"id": [saga, "0192d3a4-5b6c-7000-8000-000000000000", "x"], "name": ["hello", "casino"],
                 "version": ["1", "latest", "x"]}
        bodies = [{"workflow": "hello", "input": {"name": "a", "text": "b"}}, {"sagas": []}, {"command": "cancel"},
                  {"workflow": "casino", "input": {}}, {"sagas": [1]}, b"{"]
        for path, methods in document["paths"].items():
            for method, route in methods.items():
                places = [path]
                for name, values in tries.items():
                    places = [place.replace("{%s}" % name, value) for place in places for value in values]
                documented = set(route["responses"])
                for place in set(places) | {places[0] + "?nonsense=1"}:
                    for body in bodies if method == "post" else [None]:
                        answer = self.daemon.call(method.upper(), place, body)
                        with self.subTest(method=method, place=place, body=body):
                            self.assertIn(str(answer.status), documented, answer.text)
                            self.assertTrue(200 <= answer.status < 500)

    def test_parameters_are_those_that_are_taken(self):
        document = self.daemon.get("/openapi.json").json
        for path, methods in document["paths"].items():
            declared = {one["name"] for one in methods.get("get", {}).get("parameters", []) if one["in"] == "query"}
            place = path.format(id=self.daemon.start(), name="hello", version="1")
            values = {"since": "2026-01-01T00:00:00Z", "before": "2099-01-01T00:00:00Z", "limit": "5", "after": "0",
                      "wait": "1s", "id_prefix": "0192d3a4", "state": "completed", "cursor": "0192d3a4-5b6c-7000-8000-000000000000"}
            for name in declared:
                query = urllib.parse.urlencode({name.replace("NAME", "x"): values.get(name, "x")})
                self.assertEqual(self.daemon.get(f"{place}?{query}").status, 200, (path, name))

    def test_metrics_are_prometheus_text_and_move(self):
        def samples():
            answer = self.daemon.get("/metrics")
            self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            typed, out = {}, {}
            for line in answer.text.decode().splitlines():
                if line.startswith("# TYPE "):
                    _, _, name, kind = line.split(" ")
                    self.assertNotIn(name, typed)
                    typed[name] = kind
                elif not line.startswith("# HELP "):
                    name, labels, value = SAMPLE.match(line).groups()
                    family = re.sub("_(bucket|sum|count)$", "", name)
                    self.assertIn(typed.get(name) or typed.get(family), ("counter", "gauge", "histogram"), line)
                    out[name, labels] = float(value)
            return out

        before = samples()
        for name, key in (("Ada", "metrics"), ("Ada", "metrics"), ("refuse", None), ("refuse-letter m", None)):
            self.daemon.start(name, key=key, wait="20s")
        after = samples()
        moved = {key: after[key] - before[key] for key in before if after[key] != before[key]}
        self.assertEqual(moved["amends_sagas_started_total", None], 3)
        self.assertEqual(moved["amends_start_duplicates_total", None], 1)
        for state in ("completed", "compensated", "needs_operator"):
            self.assertEqual(moved["amends_sagas_reached_total", f'state="{state}"'], 1)
        self.assertEqual(moved["amends_step_attempts_total", 'direction="run",outcome="done"'], 3)
        self.assertEqual(moved["amends_step_attempts_total", 'direction="run",outcome="rejected"'], 2)
        self.assertEqual(moved["amends_flush_seconds_count", None], moved["amends_flushes_total", None])
        self.assertEqual(after["amends_flush_seconds_bucket", 'le="+Inf"'], after["amends_flush_seconds_count", None])
        self.assertGreaterEqual(after["amends_flush_rows_total", None], after["amends_flushes_total", None])

    def test_health(self):
        for path in ("/livez", "/readyz"):
            answer = self.daemon.get(path)
            self.assertEqual((answer.status, answer.json), (200, {"status": "ok"}))

    def test_a_thousand_waiters_hold_nobody_up(self):
        saga = self.daemon.start("hold waiters")
        where = urllib.parse.urlsplit(self.daemon.url)
        request = f"GET /v1/sagas/{saga}?wait=60s HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n"
        waiters = []
        for _ in range(1_000):
            waiter = socket.create_connection((where.hostname, where.port))
            waiter.sendall(request.encode())
            waiters.append(waiter)
        for path in ("/livez", "/v1/sagas?limit=10", f"/v1/sagas/{saga}", "/metrics"):
            begin = time.monotonic()
            self.assertEqual(self.daemon.get(path).status, 200)
            self.assertLess(time.monotonic() - begin, 1)
        self.assertFalse(select.select(waiters[:500], [], [], 0)[0], "a waiter was answered before the end")
        self.desk.release()
        for waiter in waiters:
            waiter.settimeout(30)
            with waiter, waiter.makefile("rb") as reply:
                text = reply.read()
            self.assertTrue(text.startswith(b"HTTP/1.1 200 "), text[:200])
            self.assertIn(b'"state":"completed"', text)


class Stopping(ApiTest):
    def test_while_it_stops_it_is_not_ready_and_then_gone(self):
        saga = self.daemon.start("hold stop")
        self.wait_until(lambda: self.desk.arrived["/cards", "hold stop"])
        waiting = self.daemon.connect()
        waiting.request("GET", f"/v1/sagas/{saga}?wait=60s")
        self.daemon.process.process.terminate()
        seen = set()
        try:
            while self.daemon.process.process.poll() is None:
                answer = self.daemon.get("/readyz")
                seen.add(answer.status)
                if answer.status == 503:
                    self.assertEqual(answer.json["detail"], "The engine is stopping.")
                    start = self.daemon.post("/v1/sagas", {"workflow": "hello", "input": {"name": "a", "text": "b"}})
                    self.assert_problem(start, 503, "stopping")
                    self.assertTrue(start.headers["Retry-After"])
                    break
        except OSError:
            pass  # gone between two questions
        self.desk.release()
        self.assertIn(503, seen)
        self.assertEqual(json.loads(waiting.getresponse().read())["state"], "running")
        self.assertEqual(self.daemon.process.process.wait(20), 0)


class FullDisk(unittest.TestCase):
    def test_starts_are_answered_507_and_it_heals(self):
        place = pathlib.Path(tempfile.mkdtemp(prefix="amends-full-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", place],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            place.rmdir()
            print("skipped: needs root")
            self.skipTest("skipped: needs root")
        desk, daemon = Desk(), None
        try:
            daemon = Daemon(ApiTest.build, desk, directory=place)
            body = {"workflow": "hello", "input": {"name": "hold disk", "text": "x" * 50_000}}
            taken = [daemon.start("first", key="first", wait="20s"), daemon.start("hold it")]
            filler = place / "filler"
            with filler.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 4_096)
                except OSError:
                    pass
            answer = None
            for n in range(2_000):
                answer = daemon.post("/v1/sagas", {**body, "key": f"k{n}"})
                if answer.status != 201:
                    break
                taken.append(answer.json["id"])
            self.assertEqual((answer.status, answer.json["type"]), (507, "/problems/disk-full"), answer.text)
            self.assertTrue(answer.headers["Retry-After"])
            self.assertEqual(daemon.get("/v1/sagas?limit=5").status, 200)
            ready = daemon.get("/readyz")
            self.assertEqual((ready.status, ready.json["type"]), (503, "/problems/disk-full"), ready.text)
            self.assertIn("has no room", ready.json["detail"])
            self.assertEqual(daemon.metric("amends_store_refuses"), 1)
            cancel = daemon.command(taken[1], "cancel", reason="no room", timeout=5)
            self.assertEqual((cancel.status, cancel.json["type"]), (507, "/problems/disk-full"), cancel.text)
            self.assertTrue(cancel.headers["Retry-After"])

            filler.unlink()
            while daemon.get("/readyz").status != 200:
                time.sleep(0.05)
            desk.release()
            deadline = time.monotonic() + 20
            while daemon.post("/v1/sagas", {**body, "key": "after"}).status not in (200, 201):
                self.assertLess(time.monotonic(), deadline, "it does not heal")
                time.sleep(0.05)
            for saga in taken:
                self.assertEqual(daemon.show(saga, wait="20s")["state"], "completed")
        finally:
            desk.release()
            if daemon:
                daemon.process.stop()
            desk.close()
            subprocess.run(["umount", place], check=True)
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
