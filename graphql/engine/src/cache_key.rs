//! Keys of the response cache.

use apollo_compiler::response::JsonValue;
use sha2::{Digest, Sha256};

use crate::{client_info::ClientInfo, request::GraphqlRequest};

/// The longest body that is remembered. Queries that clients repeat are short; a longer body is parsed each
/// time.
const MAX_BODY_BYTES: usize = 8 << 10;
/// The longest `Accept-Language` of a cached request, ten times as long as browsers send it. A client with a
/// longer one is served without the cache, so that it takes no room from others.
const MAX_LANGUAGES_BYTES: usize = 512;

/// The key of a response: document, operation name, variables and `Accept-Language`. The client is not part
/// of it, since only responses to unauthenticated requests are cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CacheKey([u8; 32]);

impl CacheKey {
    /// The key of a request. `None` if the request has a bearer token or no document, or if the document
    /// begins with a mutation: a response to a mutation is not cached.
    pub(crate) fn of(request: &GraphqlRequest, client: &ClientInfo) -> Option<Self> {
        let languages = languages(client)?;
        // A client may send the hash of the document beside it, or alone. A hash alone is resolved by the
        // document cache.
        let document = request.query.as_deref().filter(|document| !document.starts_with("mutation"))?;
        let mut hash = Sha256::new();
        hash_part(&mut hash, document.as_bytes());
        hash_part(&mut hash, request.operation_name.as_deref().unwrap_or_default().as_bytes());
        hash_part(&mut hash, languages.as_bytes());
        let mut names: Vec<_> = request.variables.iter().collect();
        names.sort_unstable_by_key(|(name, _)| name.as_str());
        for (name, value) in names {
            hash_part(&mut hash, name.as_str().as_bytes());
            hash_value(&mut hash, value);
        }
        Some(Self(hash.finalize().into()))
    }
}

/// The key of a request body with `Accept-Language`: two requests with equal keys have equal cache keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BodyKey([u8; 32]);

impl BodyKey {
    /// `None` if the request has a bearer token, or if the body is long.
    pub(crate) fn of(body: &[u8], client: &ClientInfo) -> Option<Self> {
        let languages = languages(client).filter(|_| body.len() <= MAX_BODY_BYTES)?;
        let mut hash = Sha256::new();
        hash_part(&mut hash, languages.as_bytes());
        hash_part(&mut hash, body);
        Some(Self(hash.finalize().into()))
    }
}

/// `Accept-Language`, if the response may be cached for these client details.
fn languages(client: &ClientInfo) -> Option<&str> {
    let languages = client.accept_language.as_deref().unwrap_or_default();
    (client.bearer_token.is_none() && languages.len() <= MAX_LANGUAGES_BYTES).then_some(languages)
}

/// Hashes a part after its length, so that different sequences of parts have different hashes.
fn hash_part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// Hashes a value independently of the order of object members.
fn hash_value(hash: &mut Sha256, value: &JsonValue) {
    match value {
        JsonValue::Null => hash.update(b"n"),
        JsonValue::Bool(truth) => hash.update(if *truth { b"t" } else { b"f" }),
        JsonValue::Number(number) => {
            hash.update(b"#");
            hash_part(hash, number.to_string().as_bytes());
        }
        JsonValue::String(text) => {
            hash.update(b"s");
            hash_part(hash, text.as_str().as_bytes());
        }
        JsonValue::Array(items) => {
            hash.update(b"[");
            items.iter().for_each(|item| hash_value(hash, item));
            hash.update(b"]");
        }
        JsonValue::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| name.as_str());
            hash.update(b"{");
            for (name, member) in members {
                hash_part(hash, name.as_str().as_bytes());
                hash_value(hash, member);
            }
            hash.update(b"}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(body: &str, languages: Option<&str>) -> Option<CacheKey> {
        let request = GraphqlRequest::from_json(serde_json::from_str(body).expect("JSON"), body.len())
            .expect("a well-formed request");
        CacheKey::of(
            &request,
            &ClientInfo { accept_language: languages.map(str::to_owned), ..ClientInfo::default() },
        )
    }

    #[test]
    fn a_key_does_not_depend_on_the_order_of_variables() {
        let first = key(r#"{"query":"{a}","variables":{"a":{"x":1,"y":[2]},"b":null}}"#, None);
        let second = key(r#"{"variables":{"b":null,"a":{"y":[2],"x":1}},"query":"{a}"}"#, None);
        assert!(first.is_some() && first == second);
    }

    #[test]
    fn a_document_that_begins_with_a_mutation_has_no_key() {
        assert_eq!(key(r#"{"query":"mutation{a}"}"#, None), None);
        assert!(key(r#"{"query":"query mutation{a}"}"#, None).is_some());
    }

    #[test]
    fn a_body_has_one_key_for_each_language_and_none_with_a_bearer_token() {
        let client = |languages: Option<&str>| ClientInfo {
            accept_language: languages.map(str::to_owned),
            ..ClientInfo::default()
        };
        let first = BodyKey::of(b"{}", &client(None));
        assert!(first.is_some() && first == BodyKey::of(b"{}", &client(None)));
        assert_ne!(first, BodyKey::of(b"{ }", &client(None)));
        assert_ne!(first, BodyKey::of(b"{}", &client(Some("fr"))));
        let known = ClientInfo { bearer_token: Some("secret".to_owned()), ..client(None) };
        assert_eq!(BodyKey::of(b"{}", &known), None);
        assert_eq!(BodyKey::of(b"{}", &client(Some(&"x".repeat(MAX_LANGUAGES_BYTES + 1)))), None);
        assert!(BodyKey::of(&[b' '; MAX_BODY_BYTES], &client(None)).is_some());
        assert_eq!(BodyKey::of(&[b' '; MAX_BODY_BYTES + 1], &client(None)), None);
    }

    #[test]
    fn a_key_depends_on_every_part_of_the_request() {
        let bodies = [
            r#"{"query":"{a}"}"#,
            r#"{"query":"{a }"}"#,
            r#"{"query":"{a}","operationName":"a"}"#,
            r#"{"query":"{a}","variables":{"a":1}}"#,
            r#"{"query":"{a}","variables":{"a":"1"}}"#,
            r#"{"query":"{a}","variables":{"a":[1]}}"#,
            r#"{"query":"{a}","variables":{"a":[[1]]}}"#,
            r#"{"query":"{a}","variables":{"a":[1,null]}}"#,
            r#"{"query":"{a}","variables":{"a":null}}"#,
            r#"{"query":"{a}","variables":{"a":{}}}"#,
        ];
        let mut keys: Vec<_> = bodies.iter().map(|body| key(body, None).expect("a key").0).collect();
        keys.push(key(bodies[0], Some("fr")).expect("a key").0);
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn a_request_with_a_bearer_token_or_a_long_language_has_no_key() {
        let request = GraphqlRequest { query: Some("{a}".to_owned()), ..GraphqlRequest::default() };
        let client = ClientInfo { bearer_token: Some("secret".to_owned()), ..ClientInfo::default() };
        assert!(CacheKey::of(&request, &client).is_none());
        let client = ClientInfo {
            accept_language: Some("x".repeat(MAX_LANGUAGES_BYTES + 1)),
            ..ClientInfo::default()
        };
        assert!(CacheKey::of(&request, &client).is_none());
    }
}
