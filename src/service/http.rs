//! The one HTTP port: `/livez`, `/readyz`, `/metrics`, `/version`, `/config`; the status page is [`super::page`].

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};

use super::about::About;
use super::health::Health;
use crate::pipeline::{Pipeline, Stage};
use crate::telemetry::Exporter;

/// What the handlers share.
#[derive(Clone)]
pub(super) struct State {
    pub health: Health,
    pub exporter: Exporter,
    pub pipeline: Arc<Pipeline>,
    pub shown: Arc<Value>,
}

pub(super) fn routes(state: State) -> Router {
    Router::new()
        .route("/livez", get(|Shared(state): Shared<State>| async move { answer(state.health.live()) }))
        .route("/readyz", get(|Shared(state): Shared<State>| async move { answer(state.health.ready()) }))
        .route("/metrics", get(metrics))
        .route(
            "/version",
            get(|Shared(state): Shared<State>| async move {
                (
                    [(header::CONTENT_TYPE, "application/json")],
                    json!(About::new(state.pipeline.versions())).to_string(),
                )
            }),
        )
        .route(
            "/config",
            get(|Shared(state): Shared<State>| async move {
                ([(header::CONTENT_TYPE, "application/json")], state.shown.to_string())
            }),
        )
        .with_state(state)
}

fn answer((good, body): (bool, Value)) -> impl IntoResponse {
    let code = if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n"))
}

async fn metrics(Shared(state): Shared<State>) -> impl IntoResponse {
    // Rendering takes longer than async code may: it has a thread of its own.
    let rendered = tokio::task::spawn_blocking(move || {
        let times = state.pipeline.times();
        let stages = Stage::ALL.map(|stage| (stage.as_str(), times.buckets(stage)));
        state.exporter.render(&state.health.samples(), &stages)
    });
    match rendered.await {
        Ok(text) => {
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            (StatusCode::OK, [(header::CONTENT_TYPE, kind)], text)
        }
        Err(error) => {
            let kind = "text/plain; charset=utf-8";
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, kind)], error.to_string())
        }
    }
}
