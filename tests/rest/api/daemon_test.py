#!/usr/bin/env python3
"""amendsd as a process: what --check finds, what is refused at load, what it logs, how it ends."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from world import ApiTest, Daemon, Desk, main

REFUSED = "hello@1: 'post-card' asks the http endpoint 'letterbox', which is not configured"


def log_of(daemon):
    lines = daemon.process.log_file.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


class InAFolder(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="amends-daemon-"))
        self.addCleanup(shutil.rmtree, self.place)
        self.file = self.place / "a.toml"

    def run_daemon(self, *flags, **variables):
        return subprocess.run([ApiTest.build / "bin/amendsd", *flags],
                              capture_output=True, text=True, timeout=30, check=False,
                              env={"PATH": os.environ["PATH"], "AMENDS_DATA_DIR": self.place / "data", **variables})


class Check(InAFolder):
    def check(self, text, *flags, **variables):
        self.file.write_text(text)
        found = self.run_daemon("--check", "--config", self.file, *flags, **variables)
        self.assertEqual(found.stderr, "")
        self.assertFalse((self.place / "data").exists())
        return found.returncode, found.stdout.replace(f"{self.file}:", "").splitlines()

    def test_a_good_one_ends_with_0(self):
        self.assertEqual(self.check(""), (0, ["the configuration is good"]))

    def test_all_findings_come_at_once_in_the_order_of_the_file(self):
        text = ('[server]\nworkers = 0\n[endpoints.a]\nurl = "http://"\nidempotency = "key"\n'
                'bearer = "env:AMENDS_NO_TOKEN"\nca_file = "/no/ca.pem"\nallow_private = ["nowhere"]\n'
                '[endpoints.b]\nurl = "ftp://b"\nbearer = "file:/no/token"\nidempotency = "natural"\n')
        code, found = self.check(text, "--plugin", "/no/plugin.so", "--ready-file", "/no/ready")
        self.assertEqual(code, 3)
        says = ["2: 'server.workers' must be a whole number from 1 to 256", "4: 'endpoints.a.url' ",
                "6: 'endpoints.a.bearer' names the variable AMENDS_NO_TOKEN, which is not set",
                "7: 'endpoints.a.ca_file' names /no/ca.pem, which cannot be read: No such file",
                "8: 'endpoints.a.allow_private' holds 'nowhere'", "10: 'endpoints.b.url' must begin with http://",
                "11: 'endpoints.b.bearer' names /no/token, which cannot be read"]
        for say in says:
            self.assertEqual(len([one for one in found if one.startswith(say)]), 1, (say, found))
        own = [one for one in found if one[0].isdigit()]
        self.assertEqual([int(one.split(":")[0]) for one in own], [2, 4, 6, 7, 8, 10, 11])
        self.assertTrue([one for one in found if one.startswith("/no/plugin.so: ")], found)
        self.assertTrue([one for one in found if one.startswith("the ready file /no/ready cannot be written")], found)

    def test_a_plan_without_its_endpoint(self):
        hello = ApiTest.build / "plugins/hello.so"
        text = f'[plugins]\npaths = ["{hello}"]\n[endpoints.desk]\nurl = "https://desk.example"\nidempotency = "key"\n'
        self.assertEqual(self.check(text), (3, [REFUSED]))

    def test_what_no_call_will_reach(self):
        text = ('[endpoints.a]\nurl = "http://127.0.0.1:1"\nidempotency = "key"\n'
                '[endpoints.b]\nkind = "sql"\nurl = "sqlite:/no/such.db"\n')
        self.assertEqual(self.check(text), (3, [
            "2: 'endpoints.a.url' names 127.0.0.1, a private address that allow_private does not hold: "
            "no call will reach it",
            "6: 'endpoints.b.url' names /no/such.db, which does not exist"]))

    def test_a_data_directory_that_cannot_be_made(self):
        code, found = self.check("", "--data-dir", "/proc/amends")
        self.assertEqual((code, len(found)), (3, 1))
        self.assertIn("--data-dir: 'store.path' cannot be used: /proc/amends: ", found[0])

    def test_a_folder_is_no_file(self):
        found = self.run_daemon("--check", "--config", self.place)
        self.assertEqual((found.returncode, found.stdout),
                         (3, f"{self.place}: is a directory, not a configuration file\n"))


class Starting(InAFolder):
    def test_what_is_wrong_ends_it_with_2_and_the_same_sentence(self):
        self.file.write_text("[server]\nworkers = 0\n")
        found = self.run_daemon("--config", self.file)
        self.assertEqual((found.returncode, found.stderr), (
            2, f"amendsd: {self.file}:2: 'server.workers' must be a whole number from 1 to 256\n"))

    def test_a_data_directory_that_cannot_be_made(self):
        found = self.run_daemon("--data-dir", "/proc/amends", "--port", "0")
        self.assertEqual(found.returncode, 1)
        self.assertIn("the data directory cannot be made: /proc/amends: ", json.loads(found.stderr)["msg"])

    def test_the_ready_file_is_tried_before_anything_else(self):
        found = self.run_daemon("--ready-file", "/no/ready", "--port", "0")
        self.assertEqual(found.returncode, 1)
        self.assertIn("the ready file /no/ready cannot be written: No such file", json.loads(found.stderr)["msg"])
        self.assertFalse((self.place / "data").exists())


class Life(unittest.TestCase):
    def setUp(self):
        self.desk = Desk()
        self.addCleanup(self.desk.close)

    def daemon(self, **more):
        daemon = Daemon(ApiTest.build, self.desk, **more)
        self.addCleanup(daemon.close)
        return daemon

    def test_a_hang_up_drains_and_the_ready_file_goes(self):
        daemon = self.daemon()
        self.assertTrue(daemon.process.ready_file.exists())

        daemon.process.process.send_signal(signal.SIGHUP)

        self.assertEqual(daemon.process.process.wait(20), 0)
        self.assertEqual([line["msg"] for line in log_of(daemon)][-1], "stopped")
        self.assertFalse(daemon.process.ready_file.exists())

    def test_a_second_daemon_leaves_the_first_ones_ready_file(self):
        daemon = self.daemon()

        second = subprocess.run([ApiTest.build / "bin/amendsd", "--data-dir", daemon.data_dir, "--port", "0",
                                 "--ready-file", daemon.process.ready_file], capture_output=True, timeout=30,
                                check=False, env={"PATH": os.environ["PATH"]})

        self.assertEqual(second.returncode, 1)
        self.assertEqual(daemon.process.ready_file.read_text().strip(), daemon.url)

    def test_a_reserve_that_the_disk_has_not_is_an_answer_507_that_says_so(self):
        daemon = self.daemon()
        daemon.process.stop()
        daemon.configuration.write_text(daemon.configuration.read_text()
                                        + f"[store]\nreserve_bytes = {1 << 40}\n")
        daemon.process.start()

        answer = daemon.post("/v1/sagas", {"workflow": "hello", "input": {"name": "Ada", "text": "hi"}})

        self.assertEqual(answer.status, 507, answer.text)
        self.assertIn(f"reserve of {1 << 40} bytes", answer.json["detail"])

    def test_a_park_and_a_start_are_one_line_of_the_log_each(self):
        daemon = self.daemon()
        saga = daemon.start("refuse-letter Ada", wait="20s")
        self.assertEqual(daemon.show(saga)["state"], "needs_operator")
        parked = [line for line in log_of(daemon) if line["msg"] == "a saga needs an operator"]
        self.assertEqual([(one["level"], one["saga"], one["plan"], one["step"], one["class"]) for one in parked],
                         [("warning", saga, "hello@1", "post-card", "http_409")])
        self.assertTrue(parked[0]["error"])

        daemon.process.stop()
        daemon.process.start()

        serving = [line for line in log_of(daemon) if line["msg"] == "serving"]
        self.assertEqual([(one["sagas_recovered"], one["sagas_need_operator"]) for one in serving], [(0, 0), (1, 1)])
        self.assertEqual(serving[1]["workflows"], ["hello@1"])
        self.assertEqual(len([one for one in log_of(daemon) if one["msg"] == "a saga needs an operator"]), 1)

    def test_a_plan_whose_endpoint_is_gone_is_refused_and_its_sagas_wait_for_it(self):
        daemon = self.daemon()
        saga, given_up = daemon.start("hold Ada"), daemon.start("hold Eve")
        daemon.process.kill()
        whole = daemon.configuration.read_text()
        daemon.configuration.write_text(whole[:whole.index("[endpoints.letterbox]")])
        daemon.process.start()

        answer = daemon.post("/v1/sagas", {"workflow": "hello", "input": {"name": "Bob", "text": "hi"}})
        self.assertEqual(answer.status, 422, answer.text)
        self.assertIn(REFUSED, answer.json["detail"])
        self.assertEqual([one["refused"] for one in daemon.get("/v1/workflows").json["workflows"]], [REFUSED])
        cancel = daemon.command(saga, "cancel", reason="why not")
        self.assertEqual((cancel.status, "its plan hello@1 is not loaded" in cancel.json["detail"]), (409, True))
        self.assertEqual(daemon.show(given_up)["next"], [{"command": "abandon"}])
        self.assertEqual(daemon.command(given_up, "abandon", reason="closed", actor="ada").json, {"answer": "accepted"})
        self.assertEqual(daemon.show(given_up)["state"], "abandoned")
        doctor = subprocess.run([ApiTest.build / "bin/amends", "--url", daemon.url, "doctor"], capture_output=True,
                                text=True, timeout=30, check=False)
        self.assertEqual(doctor.returncode, 3)
        self.assertIn("a workflow takes no starts: " + REFUSED, doctor.stdout)
        self.assertEqual(self.desk.arrived["/cards", "Bob"], 0)

        daemon.process.stop()
        daemon.configuration.write_text(whole)
        self.desk.release()
        daemon.process.start()
        self.assertEqual(daemon.show(saga, wait="20s")["state"], "completed")


if __name__ == "__main__":
    main()
