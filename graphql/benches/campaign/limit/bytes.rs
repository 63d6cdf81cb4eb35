//! Constant bytes over HTTP: what any answer costs that this stack gives.

use axum::{Router, body::Bytes, http::header, routing::post};
use tokio::net::TcpListener;

pub(super) fn serve(size: usize) {
    let answer = Bytes::from(format!(r#"{{"data":{{"{}":0}}}}"#, "x".repeat(size.saturating_sub(16))));
    let json = (header::CONTENT_TYPE, "application/json; charset=utf-8");
    // The question is read, as everybody has to.
    let route = post(async move |_question: Bytes| ([json], answer.clone()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("http://{}/", listener.local_addr().expect("an address"));
        axum::serve(listener, Router::new().route("/graphql", route)).await.expect("a server");
    });
}
