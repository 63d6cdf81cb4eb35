// What JavaScript readers make of a calendar or a map. Usage: node readers.mjs READER FILE; prints JSON.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [reader, file] = process.argv.slice(2);
const text = readFileSync(file, "utf8");

/** An entry in the form that all readers are compared in. */
const entry = (uid, start, end, title, location) => ({ uid, start: start.toISOString(), end: end.toISOString(), title, location });

async function icalJs() {
  const { default: ICAL } = await import("ical.js-2");
  const calendar = new ICAL.Component(ICAL.parse(text));
  // Without this a time is read by the clock of the machine.
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
  const name = calendar.getFirstPropertyValue("x-wr-calname");
  const entries = events.map((event) =>
    entry(event.uid, event.startDate.toJSDate(), event.endDate.toJSDate(), event.summary, event.location),
  );
  return { name, entries };
}

async function nodeIcal() {
  const { default: ical } = await import("node-ical");
  const parsed = Object.values(ical.sync.parseICS(text));
  const events = parsed.filter((part) => part.type === "VEVENT");
  const entries = events.map((event) => entry(event.uid, event.start, event.end, event.summary, event.location));
  const calendar = parsed.find((part) => part.type === "VCALENDAR");
  return { name: calendar?.["WR-CALNAME"], entries };
}

async function fullCalendar() {
  const { JSDOM } = await import("jsdom");
  const { window } = new JSDOM("<div id=calendar></div>", { pretendToBeVisual: true });
  for (const name of ["window", "document", "Node", "Element", "HTMLElement", "getComputedStyle", "MutationObserver"]) {
    globalThis[name] ??= name === "window" ? window : window[name];
  }
  globalThis.requestAnimationFrame ??= window.requestAnimationFrame;
  globalThis.cancelAnimationFrame ??= window.cancelAnimationFrame;
  globalThis.fetch = async () => new Response(text, { headers: { "content-type": "text/calendar" } });
  // Its module for Node looks for names that the module of ical.js 1 does not have.
  const require = createRequire(import.meta.url);
  const { Calendar } = require("@fullcalendar/core");
  const [icalendar, list] = ["icalendar", "list"].map((name) => require(`@fullcalendar/${name}`).default);
  const entries = await new Promise((resolve, reject) => {
    const calendar = new Calendar(document.querySelector("#calendar"), {
      plugins: [icalendar, list],
      timeZone: "UTC",
      initialView: "all",
      initialDate: "2026-01-01",
      views: { all: { type: "list", duration: { years: 1 } } },
      events: { url: "http://localhost/events.ics", format: "ics", failure: reject },
      eventSourceSuccess: () => {
        setTimeout(() => resolve(calendar.getEvents()), 0);
      },
    });
    calendar.render();
  });
  const read = entries.map(({ extendedProps, start, end, title }) =>
    entry(extendedProps.uid ?? "", start, end, title, extendedProps.location),
  );
  return { entries: read };
}

/** Each feature as a click on a map gives it: from a tile, not from the feed. */
async function mapTiles() {
  const { default: geojsonvt } = await import("geojson-vt");
  const tiles = geojsonvt(JSON.parse(text), { promoteId: "id" });
  const { default: encode } = await import("vt-pbf");
  const { VectorTile } = await import("@mapbox/vector-tile");
  const { default: Pbf, PbfReader } = await import("pbf");
  const tile = tiles.getTile(0, 0, 0);
  const layers = new VectorTile(new (Pbf ?? PbfReader)(encode.fromGeojsonVt({ events: tile }))).layers;
  const features = Array.from({ length: layers.events.length }, (_, index) => layers.events.feature(index));
  return { entries: features.map((feature) => feature.properties) };
}

const readers = { "ical.js": icalJs, "node-ical": nodeIcal, FullCalendar: fullCalendar, "geojson-vt": mapTiles };
// Timers of the calendar would keep the process alive; a pipe takes its time for a long text.
process.stdout.write(`${JSON.stringify(await readers[reader]())}\n`, () => process.exit(0));
