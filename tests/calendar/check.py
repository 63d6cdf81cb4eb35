"""The calendars of a running service, read by an independent parser.

Usage: check.py W4R FOLDER, where W4R is the executable and FOLDER an empty folder to work in.
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar

TORONTO = ZoneInfo("America/Toronto")
TITLE = "Tea; cake, \\ letters: for “everyone” – " + "à bientôt, " * 12
STORY = "First line.\nSecond line, with; all \\n of it."
# Clocks in Toronto are put back in the night before 1 November 2026, and forward before 8 March 2026.
SESSIONS = [
    ("2026-03-07T18:00", "2026-03-07T21:00"),
    ("2026-03-08T18:00", "2026-03-08T21:00"),
    ("2026-10-31T18:00", "2026-10-31T23:30"),
    ("2026-11-01T18:00", "2026-11-02T00:30"),
]


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


def check(service):
    campaign = service.ask('{ campaign(edition: 2021, section: "ca") { id } }', {})["id"]

    def registered(visibility, **more):
        sessions = [{"localStart": start, "localEnd": end} for start, end in SESSIONS]
        event = {
            "campaign": campaign, "idempotencyKey": str(uuid.uuid4()), "title": TITLE, "description": STORY,
            "visibility": visibility, "format": "IN_PERSON", "venueKind": "SCHOOL", "submit": True,
            "timeZone": "America/Toronto", "sessions": sessions, "organizer": {"name": "Ada", "email": "ada@example.org"},
            "place": {"country": "CA", "locality": "Toronto", "venue": "Elm School; room 5",
                      "coordinates": {"latitude": 43.657123, "longitude": -79.383456}},
            **more,
        }
        return service.change("eventRegister", event, service.key)

    event, unlisted = registered("PUBLIC"), registered("UNLISTED")
    entries = service.calendar("/events.ics")
    assert len(entries) == len(SESSIONS), entries
    for (start, end), entry in zip(SESSIONS, sorted(entries.values(), key=lambda entry: entry.start), strict=True):
        for local, told in ((start, entry.start), (end, entry.end)):
            expected = datetime.fromisoformat(local).replace(tzinfo=TORONTO)
            assert told == expected and told.astimezone(TORONTO).isoformat()[:16] == local, (told, expected)
        assert str(entry["SUMMARY"]) == TITLE.strip() and str(entry["DESCRIPTION"]) == STORY, entry
        assert str(entry["LOCATION"]) == "Elm School; room 5, Toronto, CA", entry["LOCATION"]
        assert (entry["GEO"].latitude, entry["GEO"].longitude) == (43.657123, -79.383456), entry["GEO"]
        assert str(entry["STATUS"]) == "CONFIRMED" and entry["SEQUENCE"] == 0, entry
    assert service.calendar(f"/events/{event['id']}.ics").keys() == entries.keys()
    assert len(service.calendar(f"/events/{unlisted['id']}.ics")) == len(SESSIONS)

    step = {"id": event["id"], "expectedRevision": event["revision"], "reason": "Snow; sorry."}
    service.change("eventCancel", step, service.key)
    for path in ("/events.ics", "/events.ics?edition=2021&section=ca", f"/events/{event['id']}.ics"):
        for identity, entry in service.calendar(path).items():
            assert str(entry["STATUS"]) == "CANCELLED", entry
            assert entry["SEQUENCE"] > entries[identity]["SEQUENCE"], entry
            assert entry.start == entries[identity].start, entry
            assert str(entry["DESCRIPTION"]).startswith("Snow; sorry."), entry
    check_own(service, campaign, registered)


def check_own(service, campaign, registered):
    """The calendar of one person, at an address that is a secret."""
    later = [{"localStart": "2099-03-07T18:00", "localEnd": "2099-03-07T21:00"}]
    link = "https://meet.example.org/a;b,c"
    going = registered("PRIVATE", sessions=later, format="HYBRID", onlineLink=link)
    waiting = registered("PUBLIC", sessions=later, capacity=1)
    person = {"campaign": campaign, "idempotencyKey": str(uuid.uuid4()), "displayName": "Moses",
              "email": "moses@example.org", "roles": ["ATTENDEE"]}
    moses = service.change("participantRegister", person, None, "participant { id } secret")

    def join(event, secret, **more):
        asked = {"event": event["id"], "idempotencyKey": str(uuid.uuid4()), **more}
        return service.change("eventJoin", asked, secret, "attendance { id }")["attendance"]

    invitation = service.ask("query($id: ID!) { event(id: $id) { invitation } }", {"id": going["id"]}, service.key)
    place = join(going, moses["secret"], invitation=invitation["invitation"])
    join(waiting, None, displayName="Ada")
    join(waiting, moses["secret"])
    issued = service.change("calendarUrlIssue", {"id": moses["participant"]["id"]}, moses["secret"], "url")
    path = issued["url"].removeprefix(service.address)

    def read():
        return {identity.rsplit("-", 1)[0]: entry for identity, entry in service.calendar(path).items()}

    entries = read()
    assert entries.keys() == {going["id"], waiting["id"]}, entries
    assert str(entries[going["id"]]["STATUS"]) == "CONFIRMED", entries
    assert str(entries[going["id"]]["URL"]) == link, entries
    assert str(entries[going["id"]]["DESCRIPTION"]) == f"{STORY}\n\n{link}", entries
    assert str(entries[waiting["id"]]["STATUS"]) == "TENTATIVE", entries
    expected = datetime.fromisoformat("2099-03-07T18:00").replace(tzinfo=TORONTO)
    assert all(entry.start == expected for entry in entries.values()), entries

    service.change("attendanceCancel", {"id": place["id"]}, moses["secret"], "attendance { state }")
    entry = read()[going["id"]]
    assert str(entry["STATUS"]) == "CANCELLED" and "URL" not in entry, entry
    assert entry["SEQUENCE"] > entries[going["id"]]["SEQUENCE"], entry
    service.change("participantErase", {"id": moses["participant"]["id"]}, moses["secret"], "erased")
    try:
        service.calendar(path)
    except urllib.error.HTTPError as error:
        assert error.code == 404, error
    else:
        raise AssertionError("the calendar of somebody who was erased is still there")
    secret = path.split("/")[-1].removesuffix(".ics")
    assert secret not in service.log.read_text(), "the secret of an address stands in the log"


def main():
    executable, folder = sys.argv[1:]
    service = Service(executable, folder)
    try:
        check(service)
    finally:
        service.process.terminate()
        service.process.wait()
    print("calendars are read as they are meant")


main()
