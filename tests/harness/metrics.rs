//! The samples of `/metrics`.

use std::collections::BTreeMap;

use super::Service;

/// The samples of a page by name and labels, after a look at its form.
pub async fn scrape_metrics(service: &Service) -> BTreeMap<String, f64> {
    let answer = reqwest::get(format!("http://{}/metrics", service.address)).await.expect("an answer");
    assert_eq!(
        answer.headers()["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let page = answer.text().await.expect("text");
    let page = page.strip_suffix("# EOF\n").expect("the end of OpenMetrics");
    let mut samples = BTreeMap::new();
    let (mut family, mut kind) = ("", "");
    let mut families = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').expect("an explanation");
            assert!(!text.is_empty() && !families.contains(&name), "{line}");
            families.push(name);
            let declared = lines.next().and_then(|line| line.strip_prefix("# TYPE ")).expect("a type");
            (family, kind) = declared.split_once(' ').expect("a name and a type");
            assert_eq!(family, name);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').expect("a sample");
        let name = sample.split('{').next().expect("a name");
        let belongs = match kind {
            "histogram" => ["_bucket", "_sum", "_count"].iter().any(|end| name == format!("{family}{end}")),
            "counter" => name == format!("{family}_total"),
            _ => name == family,
        };
        assert!(belongs, "{line} does not belong to {family}");
        if let Some(labels) = sample.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            let labels = labels.strip_prefix('{').and_then(|labels| labels.strip_suffix('}'));
            for label in labels.expect("labels in braces").split(',') {
                let (label, text) = label.split_once("=\"").expect("a label");
                assert!(label.chars().all(|letter| letter.is_ascii_lowercase()), "{line}");
                assert!(text.strip_suffix('"').is_some_and(|text| !text.contains('"')), "{line}");
            }
        }
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line} has no number"));
        assert!(samples.insert(sample.to_owned(), value).is_none(), "{line} is there twice");
    }
    samples
}
