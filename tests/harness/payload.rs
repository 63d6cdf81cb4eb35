//! Payloads of mutations, and errors of responses.

use serde_json::Value;
use uuid::Uuid;

/// An object with the fields of two.
pub fn with(mut object: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut object, more) else {
        panic!("these are objects");
    };
    fields.extend(more);
    object
}

/// The codes of `userErrors`, each with its path.
pub fn user_errors(payload: &Value) -> Vec<String> {
    payload["userErrors"]
        .as_array()
        .unwrap_or_else(|| panic!("no userErrors in {payload:#}"))
        .iter()
        .map(|error| {
            let path: Vec<_> =
                error["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} {}", path.join("."), error["code"].as_str().unwrap_or_default())
        })
        .collect()
}

/// Asserts that all was done.
#[track_caller]
pub fn assert_done(payload: &Value) {
    assert_eq!(user_errors(payload), [""; 0], "{payload:#}");
}

/// That the answer says "not now", when to come back and under which number it is in the log, and
/// nothing of what went wrong inside.
#[track_caller]
pub fn assert_unavailable(answer: &Value) {
    let error = &answer["errors"][0];
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], "UNAVAILABLE", "{answer:#}");
    assert!(
        extensions["retryAfter"].as_u64().is_some_and(|seconds| (1..60).contains(&seconds)),
        "{answer:#}"
    );
    let reference = extensions["reference"].as_str().expect("a reference");
    assert!(Uuid::try_parse(reference).is_ok(), "{reference}");
    assert_eq!(error["message"], "The service cannot do this at the moment. Please try again.");
}
