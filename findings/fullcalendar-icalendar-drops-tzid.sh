#!/bin/sh
# @fullcalendar/icalendar 6.1.21 (npm, with its peer ical.js 1.5.0 and @fullcalendar/core 6.1.21) drops the zone of a time.
#
# Input: a valid calendar (RFC 5545) with a VTIMEZONE, one entry at DTSTART;TZID=America/Toronto:20261205T190000 and one
# at the same instant in UTC, DTSTART:20261206T000000Z.
# Expected: one instant, 2026-12-06T00:00:00Z, for both.
# Seen: the calendar shows the first entry at 19:00 for readers in every zone (here in a calendar in UTC:
# 2026-12-05T19:00:00.000Z), the second at the right instant. A feed with zones that all other readers read right is
# hours off for readers elsewhere, and nothing says so.
#
# Needs node, npm and the npm registry. Exits with 0 while this is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error \
    @fullcalendar/core@6.1.21 @fullcalendar/icalendar@6.1.21 @fullcalendar/list@6.1.21 ical.js@1.5.0 jsdom@29.1.1
cat >read.cjs <<'JS'
const text = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VTIMEZONE
TZID:America/Toronto
BEGIN:STANDARD
DTSTART:20261101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260101T000000Z
DTSTART;TZID=America/Toronto:20261205T190000
DTEND;TZID=America/Toronto:20261205T210000
SUMMARY:with its zone
END:VEVENT
BEGIN:VEVENT
UID:2@example.org
DTSTAMP:20260101T000000Z
DTSTART:20261206T000000Z
DTEND:20261206T020000Z
SUMMARY:in UTC
END:VEVENT
END:VCALENDAR
`.replaceAll("\n", "\r\n");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<div id=calendar></div>", { pretendToBeVisual: true });
for (const name of ["document", "Node", "Element", "HTMLElement", "getComputedStyle", "MutationObserver"]) {
  globalThis[name] ??= window[name];
}
globalThis.window ??= window;
globalThis.requestAnimationFrame ??= window.requestAnimationFrame;
globalThis.cancelAnimationFrame ??= window.cancelAnimationFrame;
globalThis.fetch = async () => new Response(text, { headers: { "content-type": "text/calendar" } });
const { Calendar } = require("@fullcalendar/core");
const [icalendar, list] = ["icalendar", "list"].map((name) => require(`@fullcalendar/${name}`).default);
const calendar = new Calendar(document.querySelector("#calendar"), {
  plugins: [icalendar, list],
  timeZone: "UTC",
  initialView: "listYear",
  initialDate: "2026-12-01",
  events: { url: "http://localhost/events.ics", format: "ics" },
  eventSourceSuccess: () => {
    setTimeout(() => {
      for (const event of calendar.getEvents()) console.log(event.start.toISOString(), event.title);
      process.exit(0);
    }, 0);
  },
});
calendar.render();
JS
node read.cjs | sort >seen
cat seen
cat >known <<'SEEN'
2026-12-05T19:00:00.000Z with its zone
2026-12-06T00:00:00.000Z in UTC
SEEN
diff known seen && echo "@fullcalendar/icalendar 6.1.21 drops TZID: both entries are the same instant"
