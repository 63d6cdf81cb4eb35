#!/bin/sh
# The crate icalendar 0.17.17 (crates.io) changes the rules of zones when it writes a calendar that it has read.
#
# Input: a valid calendar (RFC 5545) with a VTIMEZONE that has one STANDARD.
# Expected: the same calendar. RFC 5545, 3.6.5 has neither UID nor DTSTAMP in VTIMEZONE, STANDARD and DAYLIGHT, and
# writing twice what was read once gives the same text.
# Seen: VTIMEZONE and STANDARD get a random UID and a DTSTAMP of the moment of writing each, new ones at each writing.
# The restriction check of libical 3.0.16 refuses the result ("Expected 0 instances of the property and got 1"), and a
# server that makes its ETag of the text never answers 304.
#
# Needs cargo and crates.io. Exits with 0 while this is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "seen"
version = "0.0.0"
edition = "2024"

[dependencies]
icalendar = "=0.17.17"

[workspace]
TOML
cat >src/main.rs <<'RUST'
use icalendar::Calendar;

const TEXT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VTIMEZONE\r\nTZID:America/Toronto\r\n\
BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nTZNAME:EST\r\n\
END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20260101T000000Z\r\n\
DTSTART;TZID=America/Toronto:20261205T190000\r\nSUMMARY:Tea\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn main() {
    let calendar: Calendar = TEXT.parse().expect("a valid calendar");
    let [one, other] = [calendar.to_string(), calendar.to_string()];
    let added = |text: &str, name: &str| text.lines().filter(|line| line.starts_with(name)).count() - 1;
    println!("added: {} UID, {} DTSTAMP; written twice, equal: {}", added(&one, "UID:"), added(&one, "DTSTAMP:"), one == other);
}
RUST
CARGO_TARGET_DIR=$folder/target cargo run --quiet >seen
cat seen
[ "$(cat seen)" = "added: 2 UID, 2 DTSTAMP; written twice, equal: false" ]
