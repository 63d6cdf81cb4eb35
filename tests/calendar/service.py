"""A running service for the checks of its feeds."""

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

from icalendar import Calendar


class Service:
    def __init__(self, executable, folder):
        self.store = f"sqlite:{folder}/calendar.db"
        self.executable = executable
        data = Path(__file__).parents[2] / "graphql/data/edition-2021.json"
        open_now = Path(folder) / "edition.json"
        open_now.write_text(data.read_text().replace('"2022-01-31"', '"2099-12-31"'))
        self.run("import", open_now)
        self.key = self.run("key", "create", "calendars").strip()
        command = [executable, "serve", "--listen", "127.0.0.1:0", "--database", self.store]
        self.log = Path(folder) / "log"
        said = {"stdout": subprocess.PIPE, "stderr": self.log.open("w")}
        self.process = subprocess.Popen(command, env={**os.environ, "RUST_LOG": "trace"}, text=True, **said)
        self.address = re.search(r"http://[0-9.:]+", self.process.stdout.readline()).group()

    def run(self, *arguments):
        command = [self.executable, *map(str, arguments), "--database", self.store]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def ask(self, document, variables, key=None):
        body = json.dumps({"query": document, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"content-type": "application/json"})
        if key:
            request.add_header("authorization", f"Bearer {key}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer = json.load(answer)
        assert "errors" not in answer, answer
        (payload,) = answer["data"].values()
        assert not (payload or {}).get("userErrors"), payload
        return payload

    def change(self, mutation, more, key, selection="event { id revision }"):
        name = mutation[0].upper() + mutation[1:]
        document = f"mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code path }} }} }}"
        payload = self.ask(document, {"input": more}, key)
        return payload["event"] if selection.startswith("event ") else payload

    def calendar(self, path):
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            assert answer.headers.get_content_type() == "text/calendar", answer.headers
            raw = answer.read()
        for line in raw.split(b"\r\n"):
            assert len(line) <= 75 and b"\n" not in line, line
            line.decode()
        calendar = Calendar.from_ical(raw)
        assert not calendar.errors, calendar.errors
        for part in calendar.walk():
            assert not part.errors, part.errors
        return {str(event["UID"]): event for event in calendar.walk("VEVENT")}

    def stop(self):
        self.process.terminate()
        self.process.wait()
