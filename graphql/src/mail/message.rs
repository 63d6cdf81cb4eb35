//! The message of a notice: headers and body by RFC 5322 and MIME, ASCII only.
//!
//! Each attempt has the same `Message-ID`, so that a recipient who gets a notice twice can detect the
//! duplicate.

use std::time::SystemTime;

use domain::EmailAddress;
use jiff::Timestamp;
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::templates::Text;

/// The address as the mail library's type. The library rejects some addresses that HTML allows
/// (`..a@b`); whether they are deliverable is left to their mail server.
pub(super) fn address(address: &EmailAddress) -> Address {
    Address::new_dangerous(address.name(), address.host())
}

/// The time of the `Date` header. Every instant of the clock is one of the system's.
fn date(now: Timestamp) -> SystemTime {
    SystemTime::try_from(now).unwrap_or_else(|_| SystemTime::now())
}

/// Formats the message for a server or a file.
///
/// # Errors
/// The library's error, which contains no address.
pub(super) fn write(
    id: Uuid,
    from: &Mailbox,
    to: &EmailAddress,
    text: Text,
    now: Timestamp,
) -> Result<Vec<u8>, lettre::error::Error> {
    let recipient = address(to);
    let envelope = Envelope::new(Some(from.email.clone()), vec![recipient.clone()])?;
    let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    let builder = match &text.end {
        // RFC 2369 and RFC 8058: mail programs show a button that unsubscribes without opening a page.
        Some(end) => Message::builder()
            .raw_header(header("List-Unsubscribe", &format!("<{end}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")),
        None => Message::builder(),
    };
    let message = builder
        .message_id(Some(format!("<{}@{}>", id.simple(), from.email.domain())))
        .date(date(now))
        .from(from.clone())
        .to(Mailbox::new(None, recipient))
        .envelope(envelope)
        .subject(text.subject)
        // RFC 3834: suppresses automatic replies.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", text.tongue.as_str()))
        .header(ContentType::TEXT_PLAIN)
        .body(text.body)?;
    Ok(message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::templates::MailLanguage;

    fn written(subject: &str, body: &str, to: &str) -> String {
        let from: Mailbox = "Écrire pour les droits <post@w4r.example>".parse().expect("a mailbox");
        let to = EmailAddress::parse(to).expect("an address");
        let end = Some(
            "https://w4r.example/unsubscribe/w4r_end_0123456789012345678901234567890123456789012".into(),
        );
        let text = Text { subject: subject.into(), body: body.into(), tongue: MailLanguage::French, end };
        let now = "2021-12-11T00:00:00.123456Z".parse().expect("an instant");
        let message = write(Uuid::from_u128(7), &from, &to, text, now).expect("a message");
        String::from_utf8(message).expect("ASCII")
    }

    #[test]
    fn a_message_names_itself_its_day_and_its_language() {
        let message = written("Annulé : Écrivons !", "Bonjour,\n\nà bientôt.\n", "rosa@example.org");
        assert!(message.is_ascii());
        for line in [
            "Message-ID: <00000000000000000000000000000007@w4r.example>\r\n",
            "Date: Sat, 11 Dec 2021 00:00:00 +0000\r\n",
            "To: rosa@example.org\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Language: fr\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        ] {
            assert!(message.contains(line), "{line} in {message}");
        }
        let unfolded = message.replace("\r\n ", " ");
        let end = "List-Unsubscribe: <https://w4r.example/unsubscribe/w4r_end_0123456789012345678901234567890123456789012>\r\n";
        assert!(unfolded.contains(end), "{message}");
        let shorter = |line: &str| line.len() <= 78 || line.contains("/unsubscribe/");
        assert!(message.lines().all(shorter), "{message}");
    }

    #[test]
    fn no_text_becomes_a_header() {
        let message = written("a\r\nBcc: c@example.org\r\n\r\nBuy!", "b\n.\nQUIT\n", "..a@b");
        let headers = message.split("\r\n\r\n").next().expect("headers");
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
        assert!(!headers.contains("Buy!\r\n\r\n"), "{headers}");
        assert!(headers.contains("To: ..a@b"), "{headers}");
    }

    #[test]
    fn long_lines_are_folded_as_mail_demands() {
        let message = written(&"é".repeat(250), &"a".repeat(20_000), "a@b");
        assert!(message.split("\r\n").all(|line| line.len() <= 998), "{message}");
    }
}
