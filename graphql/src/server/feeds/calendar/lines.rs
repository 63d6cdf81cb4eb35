//! Content lines of iCalendar (RFC 5545, section 3.1): names, values, folding and escaping.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::DateTime};

/// The maximum length of a line in octets, without its line break.
const MAX_LINE_OCTETS: usize = 75;

/// Content lines.
#[derive(Default)]
pub(super) struct Lines(pub(super) String);

impl Lines {
    pub(super) fn instant(&mut self, name: &str, instant: Timestamp) {
        self.line(name, &instant.strftime("%Y%m%dT%H%M%SZ").to_string());
    }

    /// A time by the wall clock.
    pub(super) fn local(&mut self, name: &str, zone: &str, time: DateTime) {
        self.line(&format!("{name};TZID={zone}"), &time.strftime("%Y%m%dT%H%M%S").to_string());
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '\\' | ';' | ',' => escaped.extend(['\\', character]),
                // Some readers end a line at each of these, and lose what is behind it.
                '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => escaped.push_str("\\n"),
                '\t' => escaped.push(character),
                _ if character.is_control() => {}
                _ => escaped.push(character),
            }
        }
        self.line(name, &escaped);
    }

    /// A text that has nothing to escape: many readers show the name of a calendar with its backslashes. What would
    /// be escaped is replaced.
    pub(super) fn unescaped(&mut self, name: &str, text: &str) {
        let plain = text.replace([',', ';'], " –").replace('\\', "/");
        self.text(name, &plain);
    }

    /// A content line, folded if it is too long, between characters.
    pub(super) fn line(&mut self, name: &str, value: &str) {
        let mut line = String::with_capacity(name.len() + 1 + value.len());
        // Writing to a string cannot fail.
        let _ = write!(line, "{name}:{value}");
        let mut length = 0;
        for character in line.chars() {
            if length + character.len_utf8() > MAX_LINE_OCTETS {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(character);
            length += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> String {
        let mut lines = Lines::default();
        lines.text(name, text);
        lines.0
    }

    #[test]
    fn what_has_a_meaning_in_the_format_is_escaped() {
        assert_eq!(
            written("SUMMARY", "Tea; cake, \\ and\nletters: free"),
            "SUMMARY:Tea\\; cake\\, \\\\ and\\nletters: free\r\n"
        );
    }

    #[test]
    fn every_separator_of_lines_is_a_line_break_of_the_format() {
        for separator in ['\n', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(written("DESCRIPTION", &format!("a{separator}b")), "DESCRIPTION:a\\nb\r\n");
        }
        assert_eq!(written("DESCRIPTION", "a\r\nb\u{0}\tc"), "DESCRIPTION:a\\nb\tc\r\n");
    }

    #[test]
    fn the_name_of_a_calendar_has_nothing_to_escape() {
        let mut lines = Lines::default();
        lines.unescaped("X-WR-CALNAME", "Hong Kong, China; North\\South");
        assert_eq!(lines.0, "X-WR-CALNAME:Hong Kong – China – North/South\r\n");
    }

    #[test]
    fn a_long_line_is_folded_between_characters() {
        let text = "Listy za prawa człowieka – każdy list się liczy. ".repeat(9);
        let folded = written("DESCRIPTION", &text);
        assert!(folded.ends_with("\r\n"));
        for line in folded.trim_end_matches("\r\n").split("\r\n") {
            assert!(line.len() <= MAX_LINE_OCTETS, "{line}");
        }
        let unfolded = folded.replace("\r\n ", "");
        assert_eq!(unfolded.trim_end_matches("\r\n"), format!("DESCRIPTION:{}", text));
        let to_the_last = written("A", &"x".repeat(MAX_LINE_OCTETS - 2));
        assert!(!to_the_last.contains("\r\n "), "a line that just fits is left alone");
    }
}
