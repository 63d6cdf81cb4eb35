//! Secrets and keys: shown once, stored as SHA-256 hashes.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use domain::{
    AttendanceId, CampaignId, EditionId, EventId, GroupId, ParticipantId, ReportId, StatementId,
    SubscriptionId,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The prefix of administrators' keys. It distinguishes a revoked key from the secret of a report or an
/// event.
const ADMINISTRATOR_PREFIX: &str = "w4r_admin_";
/// The prefix of the keys of a section's staff.
const SECTION_PREFIX: &str = "w4r_section_";

/// The SHA-256 hash of a secret or of an idempotency key. A slow password hash is not needed, because
/// the secrets are random and long.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The placeholder where there is no secret. No text with this hash is known.
    pub const NONE: Self = Self([0; 32]);

    /// Whether it marks a missing secret.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The hash of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 16 bytes of the hash.
    #[must_use]
    pub fn first_bytes(self) -> [u8; 16] {
        let (first, _) = self.0.split_first_chunk().expect("32 bytes are more than 16");
        *first
    }

    /// Parses a hash written as 64 hexadecimal digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        HEXLOWER.encode_display(&self.0).fmt(f)
    }
}

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// The secret that manages a report, derived from the idempotency key of its submission.
///
/// A client whose first response was lost gets the same secret when it repeats the submission, although
/// the service stores only the secret's hash. The secret cannot be derived without the key, and the key
/// is stored as a hash too.
#[must_use]
pub fn derive_report_secret(report: ReportId, idempotency_key: &str) -> String {
    derived("report", report.uuid(), idempotency_key)
}

/// The hash that an imported report's key is stored under. Such a key is a date and a name, or a
/// number, and is no secret. No client can send the same text, because the keys of clients contain no
/// spaces.
#[must_use]
pub fn derive_file_key(key: &str) -> SecretHash {
    SecretHash::of(&format!("key of a report in a file: {key}"))
}

/// The id of a statement, derived from the idempotency key that it came with, so that a repeated request finds it.
#[must_use]
pub fn derive_statement_id(campaign: CampaignId, idempotency_key: &str) -> StatementId {
    let derived = SecretHash::of(&derived("statement", campaign.uuid(), idempotency_key));
    StatementId::new(uuid::Builder::from_custom_bytes(derived.first_bytes()).into_uuid())
}

/// The id of a statement of a file, derived from its key in the same way. No client can send the same text.
#[must_use]
pub fn derive_file_statement_id(edition: EditionId, key: &str) -> StatementId {
    derive_statement_id(CampaignId::new(edition.uuid()), &format!("key of a statement in a file: {key}"))
}

/// The secret that manages an event, derived in the same way.
#[must_use]
pub fn derive_event_secret(event: EventId, idempotency_key: &str) -> String {
    derived("event", event.uuid(), idempotency_key)
}

/// The secret that manages a group, derived in the same way.
#[must_use]
pub fn derive_group_secret(group: GroupId, idempotency_key: &str) -> String {
    derived("group", group.uuid(), idempotency_key)
}

/// The secret that manages a participant's record, derived in the same way.
#[must_use]
pub fn derive_participant_secret(participant: ParticipantId, idempotency_key: &str) -> String {
    derived("participant", participant.uuid(), idempotency_key)
}

/// The secret that manages an attendance, derived in the same way.
#[must_use]
pub fn derive_attendance_secret(attendance: AttendanceId, idempotency_key: &str) -> String {
    derived("attendance", attendance.uuid(), idempotency_key)
}

/// The secret of the owner who proved an address by this code, derived in the same way: the same code
/// gives the same secret.
#[must_use]
pub fn derive_owner_secret(subject: Uuid, code: &str) -> String {
    derived("owner", subject, code)
}

/// The invitation secret of a private event, which its organizer passes on to the invited.
///
/// It is derived from the stored hash of the event's secret, so that the organizer can request it at
/// any time. The event's secret cannot be derived from it.
#[must_use]
pub fn derive_invitation(event: EventId, secret: SecretHash) -> String {
    derived("invitation", event.uuid(), &secret.to_string())
}

/// A new secret that is sent by mail only, so that presenting it proves the address: 244 random bits.
#[must_use]
pub fn new_email_token() -> String {
    key("w4r_mail_")
}

/// A new secret for the URL of a person's own calendar. It opens nothing else: 244 random bits.
#[must_use]
pub fn calendar() -> String {
    key("w4r_calendar_")
}

/// A new secret that confirms and manages a subscription. It is sent to the address by mail only.
#[must_use]
pub fn subscription() -> String {
    key("w4r_subscription_")
}

/// The token that ends a subscription and permits nothing else. It is in each mail, so it is derived
/// from the stored hash of the subscription's secret, which cannot be derived from it.
#[must_use]
pub fn derive_unsubscribe_token(subscription: SubscriptionId, secret: SecretHash) -> String {
    derived("end", subscription.uuid(), &secret.to_string())
}

fn derived(noun: &str, id: Uuid, idempotency_key: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(idempotency_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("write for rights: secret of a {noun}").as_bytes());
    mac.update(id.as_bytes());
    format!("w4r_{noun}_{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A new administrator's key: 244 random bits.
#[must_use]
pub fn administrator_key() -> String {
    key(ADMINISTRATOR_PREFIX)
}

/// A new key of a section's staff: 244 random bits.
#[must_use]
pub fn section_key() -> String {
    key(SECTION_PREFIX)
}

/// Whether this has the form of a staff key, valid or not, and not that of an object's secret.
#[must_use]
pub fn is_key_of_staff(bearer: &str) -> bool {
    [ADMINISTRATOR_PREFIX, SECTION_PREFIX].iter().any(|prefix| bearer.starts_with(prefix))
}

/// Random bytes of the system, for a salt or for the seed of a signing key.
///
/// # Panics
/// If the system has none, which Linux, macOS and Windows always have.
#[must_use]
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

fn key(prefix: &str) -> String {
    let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_from_its_digits_and_from_nothing_else() {
        let hash = SecretHash::of("abc");
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.to_string(), digits);
        assert_eq!([SecretHash::parse(digits), SecretHash::parse(&digits.to_uppercase())], [Some(hash); 2]);
        for other in
            ["", &digits[1..], &format!("{digits}00"), &digits.replace('b', "+"), &digits.replace('b', "g")]
        {
            assert_eq!(SecretHash::parse(other), None, "{other}");
        }
    }
}
