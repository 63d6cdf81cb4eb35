//! Keys of the response cache.

use apollo_compiler::response::JsonValue;
use sha2::{Digest, Sha256};

use crate::{client_info::ClientInfo, request::GraphqlRequest};

/// A longer body is parsed each time: the queries that partners repeat are short.
const MAX_BODY_BYTES: usize = 8 << 10;
/// `Accept-Language` as browsers send it has a tenth of that. A client that sends a longer one is served
/// without the cache, so that it takes no room from others.
const MAX_LANGUAGES_BYTES: usize = 512;

/// What two questions have in common that get the same answer: the document, the operation, the
/// variables and the languages of the reader. Who asks is not in it: only what anyone may read is
/// kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey([u8; 32]);

impl CacheKey {
    /// The key of a question; none where it comes with a secret, without its document, or with one that begins
    /// with a change: no answer to that is kept, and nobody shares what else such a document may ask.
    pub(crate) fn of(question: &GraphqlRequest, asked: &ClientInfo) -> Option<Self> {
        let languages = languages(asked)?;
        // A client may send the hash of the document beside it, or alone. The latter is the document's
        // own business to find.
        let document = question.query.as_deref().filter(|document| !document.starts_with("mutation"))?;
        let mut hash = Sha256::new();
        part(&mut hash, document.as_bytes());
        part(&mut hash, question.operation_name.as_deref().unwrap_or_default().as_bytes());
        part(&mut hash, languages.as_bytes());
        let mut names: Vec<_> = question.variables.iter().collect();
        names.sort_unstable_by_key(|(name, _)| name.as_str());
        for (name, value) in names {
            part(&mut hash, name.as_str().as_bytes());
            canonical(&mut hash, value);
        }
        Some(Self(hash.finalize().into()))
    }
}

/// A body as it was sent, with the languages of its reader: two that are alike, word for word, ask the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BodyKey([u8; 32]);

impl BodyKey {
    /// None where it comes with a secret, or is long.
    pub(crate) fn of(body: &[u8], asked: &ClientInfo) -> Option<Self> {
        let languages = languages(asked).filter(|_| body.len() <= MAX_BODY_BYTES)?;
        let mut hash = Sha256::new();
        part(&mut hash, languages.as_bytes());
        part(&mut hash, body);
        Some(Self(hash.finalize().into()))
    }
}

/// The languages of a reader who says nothing else of themselves.
fn languages(asked: &ClientInfo) -> Option<&str> {
    let languages = asked.accept_language.as_deref().unwrap_or_default();
    (asked.bearer_token.is_none() && languages.len() <= MAX_LANGUAGES_BYTES).then_some(languages)
}

/// Adds a part with its length before it, so that no two rows of parts are alike.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// Adds a value in a form in which the order of an object's members does not show.
fn canonical(hash: &mut Sha256, value: &JsonValue) {
    match value {
        JsonValue::Null => hash.update(b"n"),
        JsonValue::Bool(truth) => hash.update(if *truth { b"t" } else { b"f" }),
        JsonValue::Number(number) => {
            hash.update(b"#");
            part(hash, number.to_string().as_bytes());
        }
        JsonValue::String(text) => {
            hash.update(b"s");
            part(hash, text.as_str().as_bytes());
        }
        JsonValue::Array(items) => {
            hash.update(b"[");
            items.iter().for_each(|item| canonical(hash, item));
            hash.update(b"]");
        }
        JsonValue::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            hash.update(b"{");
            for (name, member) in members {
                part(hash, name.as_str().as_bytes());
                canonical(hash, member);
            }
            hash.update(b"}");
        }
    }
}
