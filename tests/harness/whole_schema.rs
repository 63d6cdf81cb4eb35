//! Helper: a query for every field of the served schema, so that a field which is added later is covered too.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::Service;

/// The types of the schema, by their names.
pub struct Everything(BTreeMap<String, Value>);

/// A field or an argument of the schema.
pub struct Asked<'a>(&'a Value);

impl Everything {
    pub async fn of(service: &Service) -> Self {
        // A type within lists that may not be null.
        let deep = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
        let query = format!(
            "{{ __schema {{ types {{ kind name possibleTypes {{ name }} enumValues {{ name }}
                inputFields {{ name defaultValue type {{ {deep} }} }}
                fields {{ name args {{ name defaultValue type {{ {deep} }} }} type {{ {deep} }} }} }} }} }}"
        );
        let data = service.anyone().data(&query, json!({})).await;
        let types = data["__schema"]["types"].as_array().expect("types").clone();
        let name = |known: &Value| known["name"].as_str().expect("a name").to_owned();
        Self(types.into_iter().map(|known| (name(&known), known)).collect())
    }

    /// The fields of an object.
    pub fn fields(&self, object: &str) -> Vec<Asked<'_>> {
        let fields = self.0[object]["fields"].as_array();
        fields.unwrap_or_else(|| panic!("{object} has no fields")).iter().map(Asked).collect()
    }

    /// Each field of each object below an object, except that other things with a global id are only
    /// named.
    pub fn selection(&self, object: &str, path: &[&str]) -> String {
        let mut selected = String::new();
        for field in self.fields(object) {
            if field.arguments().iter().any(Asked::is_needed) {
                continue;
            }
            let (kind, name) = field.innermost();
            selected += field.name();
            match kind {
                "OBJECT" if self.has_a_global_id(name) => selected += " { id } ",
                "OBJECT" => {
                    assert!(!path.contains(&name), "{name} is a part of itself");
                    let path: Vec<_> = path.iter().chain([&name]).copied().collect();
                    selected += &format!(" {{ {} }} ", self.selection(name, &path));
                }
                _ => selected += " ",
            }
        }
        selected
    }

    /// The objects with a global id.
    pub fn nodes(&self) -> Vec<&str> {
        let possible = self.0["Node"]["possibleTypes"].as_array().expect("objects");
        possible.iter().filter_map(|object| object["name"].as_str()).collect()
    }

    fn has_a_global_id(&self, object: &str) -> bool {
        self.nodes().contains(&object)
    }

    /// Something of an input type that fits the schema, with no more in it than has to be; `id` where
    /// a global id is asked for.
    pub fn example(&self, input: &Asked<'_>, id: &Value) -> Value {
        self.example_of(input.0, &input.0["type"], id)
    }

    fn example_of(&self, input: &Value, kind: &Value, id: &Value) -> Value {
        match (kind["kind"].as_str().expect("a kind"), kind["name"].as_str().unwrap_or_default()) {
            ("NON_NULL", _) => self.example_of(input, &kind["ofType"], id),
            ("LIST", _) => json!([self.example_of(input, &kind["ofType"], id)]),
            ("ENUM", name) => self.0[name]["enumValues"][0]["name"].clone(),
            ("INPUT_OBJECT", name) => {
                let fields = self.0[name]["inputFields"].as_array().expect("fields");
                let needed = fields.iter().map(Asked).filter(Asked::is_needed);
                needed.map(|field| (field.name().to_owned(), self.example(&field, id))).collect()
            }
            (_, "ID") => id.clone(),
            (_, "Int" | "Float" | "Count") => match input["name"].as_str() {
                Some("edition" | "year") => json!(2021),
                _ => json!(1),
            },
            (_, "Boolean") => json!(true),
            (_, "DateTime") => json!("2021-12-11T00:00:00Z"),
            (_, "Date") => json!("2021-12-10"),
            (_, "LocalDateTime") => json!("2021-12-10T18:00"),
            _ => match input["name"].as_str() {
                Some("section" | "code") => json!("ca"),
                Some("slug") => json!("rung"),
                Some("idempotencyKey") => json!("an-example-of-a-key"),
                _ => json!("example"),
            },
        }
    }
}

impl<'a> Asked<'a> {
    pub fn name(&self) -> &'a str {
        self.0["name"].as_str().expect("a name")
    }

    pub fn arguments(&self) -> Vec<Asked<'a>> {
        self.0["args"].as_array().expect("arguments").iter().map(Asked).collect()
    }

    /// Whether it cannot be left out.
    pub fn is_needed(&self) -> bool {
        self.0["type"]["kind"] == "NON_NULL" && self.0["defaultValue"].is_null()
    }

    /// How the type is written.
    pub fn type_name(&self) -> String {
        fn written(kind: &Value) -> String {
            match kind["kind"].as_str() {
                Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
                Some("LIST") => format!("[{}]", written(&kind["ofType"])),
                _ => kind["name"].as_str().expect("a name").to_owned(),
            }
        }
        written(&self.0["type"])
    }

    /// Kind and name of what is inside of all lists.
    pub fn innermost(&self) -> (&'a str, &'a str) {
        let mut inner = &self.0["type"];
        while inner["ofType"].is_object() {
            inner = &inner["ofType"];
        }
        (inner["kind"].as_str().expect("a kind"), inner["name"].as_str().expect("a name"))
    }
}
