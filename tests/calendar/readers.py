"""The feeds of a running service in readers that people have: the right hour, place, state and identity after a change.

Usage: readers.py W4R FOLDER RESTRICTIONS, where W4R is the executable, FOLDER an empty folder to work in, and
RESTRICTIONS the program made from restrictions.c. `npm install` was run in this folder, and ogr2ogr is in the path.
"""

import csv
import json
import subprocess
import sys
import urllib.request
import uuid
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import icalendar
import vobject

from service import Service

HERE = Path(__file__).parent
STORY = "First line.\u2028Second line, with; all \\n of it.\u2029Third."
# Summer and winter in the north, and the days on which clocks change in Toronto and Warsaw.
SESSIONS = [
    ("2026-03-08T18:00", "2026-03-08T21:00"),
    ("2026-07-15T18:00", "2026-07-15T21:00"),
    ("2026-10-25T18:00", "2026-10-25T21:30"),
    ("2026-11-01T18:00", "2026-11-02T00:30"),
]
PLACES = {
    "America/Toronto": {"country": "CA", "region": "CA-ON", "locality": "London", "venue": "Elm School; room 5",
                        "coordinates": {"latitude": 42.984923, "longitude": -81.245277}},
    "Europe/Warsaw": {"country": "PL", "locality": "Łódź", "street": "ul. Piotrkowska 1", "postalCode": "90-001"},
    "Europe/Dublin": {"country": "IE", "locality": "Dublin", "street": "48 Fleet Street", "postalCode": "D02 T883"},
    "Asia/Kathmandu": {"country": "NP", "locality": "Kathmandu"},
    "Australia/Lord_Howe": {"country": "AU", "region": "AU-NSW", "locality": "Lord Howe Island", "postalCode": "2898"},
    "Etc/UTC": {"country": "GB", "locality": "London", "street": "17-25 New Inn Yard", "postalCode": "EC2A 3EA"},
}
LOCATIONS = {
    "America/Toronto": "Elm School; room 5, London, Ontario, Canada",
    "Europe/Warsaw": "ul. Piotrkowska 1, 90-001 Łódź, Poland",
    "Europe/Dublin": "48 Fleet Street, Dublin, D02 T883, Ireland",
    "Asia/Kathmandu": "Kathmandu, Nepal",
    "Australia/Lord_Howe": "Lord Howe Island NSW 2898, Australia",
    "Etc/UTC": "17-25 New Inn Yard, London, EC2A 3EA, United Kingdom",
}
# Names that Python finds in its folder of zones and that are no zones of the IANA database.
NO_ZONES = {"Factory", "localtime", "posixrules"}


def told(uid, start, end, title, location):
    """An entry in the form that all readers are compared in."""
    utc = [instant.astimezone(UTC).isoformat()[:19] for instant in (start, end)]
    return {"uid": uid, "start": utc[0], "end": utc[1], "title": title, "location": location}


def with_icalendar(file):
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    texts = ("SUMMARY", "LOCATION")
    entries = [told(str(one["UID"]), one.start, one.end, *(str(one[name]) for name in texts))
               for one in calendar.walk("VEVENT")]
    assert not any(part.errors for part in calendar.walk()), calendar.errors
    return str(calendar["X-WR-CALNAME"]), entries


def with_vobject(file):
    calendar = vobject.readOne(file.read_text(encoding="utf-8"))
    entries = [told(one.uid.value, one.dtstart.value, one.dtend.value, one.summary.value, one.location.value)
               for one in calendar.contents.get("vevent", [])]
    return calendar.x_wr_calname.value, entries


def with_khal(file):
    folder = file.parent / f"khal-{file.stem}"
    (folder / "events").mkdir(parents=True)
    config = folder / "config"
    config.write_text(
        f"[calendars]\n[[events]]\npath = {folder}/events\n[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\n"
        f"longdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\npath = {folder}/khal.db\n"
    )
    khal = [Path(sys.executable).with_name("khal"), "-c", config]
    subprocess.run([*khal, "import", "--batch", "-a", "events", file], check=True, capture_output=True)
    form = "{uid}\t{start-long-full}\t{end-long-full}\t{title}\t{location}"
    command = [*khal, "list", "--once", "--day-format", "", "--format", form, "2026-01-01", "2027-01-01"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    instant = lambda text: datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    rows = [line.split("\t") for line in listed.splitlines() if line]
    return None, [told(uid, instant(start), instant(end), title, location) for uid, start, end, title, location in rows]


def with_node(reader, file):
    command = ["node", HERE / "readers.mjs", reader, file]
    read = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for entry in read["entries"]:
        for name in ("start", "end"):
            if name in entry:
                entry[name] = entry[name][:19]
    return read.get("name"), read["entries"]


READERS = {
    "icalendar": with_icalendar,
    "vobject": with_vobject,
    "khal": with_khal,
    **{name: (lambda file, name=name: with_node(name, file)) for name in ("ical.js", "node-ical", "FullCalendar")},
}


class Check:
    def __init__(self, executable, folder, restrictions):
        self.service, self.folder, self.restrictions = Service(executable, folder), Path(folder), restrictions
        self.number = 0
        self.campaign = self.service.ask('{ campaign(edition: 2021, section: "ca") { id } }', {})["id"]

    def register(self, zone, title, sessions, place):
        event = {
            "campaign": self.campaign, "idempotencyKey": str(uuid.uuid4()), "title": title, "description": STORY,
            "visibility": "PUBLIC", "format": "IN_PERSON", "venueKind": "SCHOOL", "submit": True, "timeZone": zone,
            "sessions": [{"localStart": start, "localEnd": end} for start, end in sessions], "place": place,
            "organizer": {"name": "Ada", "email": "ada@example.org"},
        }
        selection = "event { id revision sessions { number startsAt } }"
        return self.service.change("eventRegister", event, self.service.key, selection)

    def change(self, mutation, event, **more):
        step = {"id": event["id"], "expectedRevision": event["revision"], **more}
        return self.service.change(mutation, step, self.service.key)

    def file(self, path):
        self.number += 1
        file = self.folder / f"{self.number}{Path(path).suffix}"
        with urllib.request.urlopen(self.service.address + path, timeout=60) as answer:
            file.write_bytes(answer.read())
        return file

    def read(self, path, expected):
        """All readers read these entries in a calendar: by UID start, end, title and location."""
        file = self.file(path)
        subprocess.run([self.restrictions, file], check=True)
        for reader, read in READERS.items():
            name, entries = read(file)
            assert name in (None, "Write for Rights"), (reader, name)
            if reader == "FullCalendar":
                # It shows the wall clock to readers in all zones, and knows no UID.
                wanted = sorted((*one["wall"], one["title"], one["location"]) for one in expected.values())
                found = sorted((one["start"], one["end"], one["title"], one["location"]) for one in entries)
            else:
                wanted = {uid: {name: one[name] for name in one if name != "wall"} for uid, one in expected.items()}
                found = {one["uid"]: one for one in entries}
                assert len(found) == len(entries), (reader, entries)
            assert found == wanted, (reader, file, difference(found, wanted))


def difference(found, wanted):
    if isinstance(found, list):
        return [one for one in found if one not in wanted], [one for one in wanted if one not in found]
    return {uid: (found.get(uid), wanted.get(uid))
            for uid in found.keys() | wanted.keys() if found.get(uid) != wanted.get(uid)}


def expectation(event, zone, title, numbered):
    """The entries of an event: its sessions with their numbers, and whether each is cancelled."""
    entries = {}
    for number, (start, end), cancelled in numbered:
        instants = [datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)) for local in (start, end)]
        uid, shown = f"{event['id']}-{number}", f"Cancelled: {title}" if cancelled else title
        entries[uid] = told(uid, *instants, shown, LOCATIONS[zone]) | {"wall": (f"{start}:00", f"{end}:00")}
    return entries


def check_changes(check):
    check.read("/events.ics", {})
    first, second, third, fourth = SESSIONS
    events = {zone: check.register(zone, f"Tea; in, {zone}", SESSIONS, place) for zone, place in PLACES.items()}
    steps = [
        ("at first", {}, [(1, first, False), (2, second, False), (3, third, False), (4, fourth, False)]),
        ("the first is removed", {"sessions": SESSIONS[1:]},
         [(1, first, True), (2, second, False), (3, third, False), (4, fourth, False)]),
        ("one moves", {"sessions": [("2026-07-16T10:00", "2026-07-16T12:00"), third, fourth]},
         [(1, first, True), (2, ("2026-07-16T10:00", "2026-07-16T12:00"), False), (3, third, False),
          (4, fourth, False)]),
        ("all is off", None, [(1, first, True), (2, ("2026-07-16T10:00", "2026-07-16T12:00"), True),
                              (3, third, True), (4, fourth, True)]),
    ]
    for _, change, numbered in steps:
        expected = {}
        for zone, event in events.items():
            if change is None:
                events[zone] = check.change("eventCancel", event, reason="Snow; sorry.")
            elif change:
                sessions = [{"localStart": start, "localEnd": end} for start, end in change["sessions"]]
                events[zone] = check.change("eventUpdate", event, sessions=sessions)
            expected |= expectation(event, zone, f"Tea; in, {zone}", numbered)
        check.read("/events.ics", expected)
    return events["America/Toronto"]


def check_zones(check):
    """Every zone by name and by its rules: the instant is that of the reader's own rules or of the service's."""
    sessions = [("2026-01-15T18:00", "2026-01-15T21:00"), ("2026-07-15T18:00", "2026-07-15T21:00")]
    refused, wanted = [], {}
    for zone in sorted(available_timezones()):
        try:
            event = check.register(zone, zone, sessions, {"country": "CA", "locality": "Town"})
        except AssertionError:
            refused.append(zone)
            continue
        for (local, _), session in zip(sessions, event["sessions"], strict=True):
            known = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            instants = {session["startsAt"][:19], known.isoformat()[:19]}
            wanted[f"{event['id']}-{session['number']}"] = (zone, instants)
    assert set(refused) <= NO_ZONES, refused
    file = check.file("/events.ics")
    subprocess.run([check.restrictions, file], check=True)
    for reader, read in READERS.items():
        # FullCalendar knows no zones, and khal reads with icalendar, a quarter of a second for each entry.
        if reader in ("FullCalendar", "khal"):
            continue
        starts = {one["uid"]: one["start"] for one in read(file)[1]}
        wrong = [(zone, starts[uid], instants) for uid, (zone, instants) in wanted.items() if starts[uid] not in instants]
        assert not wrong, (reader, len(wrong), wrong[:9])
    print(f"{len(wanted) // 2} zones, without {refused}")


def check_maps(check, off):
    place = PLACES["America/Toronto"]
    event = check.register("America/Toronto", "On a map", SESSIONS[:1], place)
    check.register("Europe/Warsaw", "Without a point", SESSIONS[:1], PLACES["Europe/Warsaw"])
    file = check.file("/events.geojson")
    expected = {event["id"]: "On a map"}
    assert off["id"] not in expected
    (feature,) = with_node("geojson-vt", file)[1]
    assert {feature["id"]: feature["title"]} == expected, feature
    command = ["ogr2ogr", "-f", "CSV", "/vsistdout/", file, "-lco", "GEOMETRY=AS_XY"]
    rows = list(csv.DictReader(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()))
    assert {row["id"]: row["title"] for row in rows} == expected, rows
    point = [float(rows[0][axis]) for axis in "XY"]
    assert point == [place["coordinates"]["longitude"], place["coordinates"]["latitude"]], rows


def main():
    executable, folder, restrictions = sys.argv[1:]
    check = Check(executable, folder, restrictions)
    try:
        off = check_changes(check)
        check_maps(check, off)
        check_zones(check)
    finally:
        check.service.stop()
    print("all readers read calendars and maps as they are meant")


main()
