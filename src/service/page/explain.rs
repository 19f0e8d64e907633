//! `/explain/{id}`: why a page of the sample became what it did, made of its record when somebody asks.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Board;
use crate::explain::{explain, html};
use crate::telemetry::Gone;

/// Explanations that are made at the same time.
pub(super) const AT_ONCE: usize = 2;

/// `GET /explain/{id}`.
pub(super) async fn explanation(State(board): State<Arc<Board>>, Path(id): Path<u64>) -> Response {
    let Some(recent) = &board.recent else {
        return said(StatusCode::NOT_FOUND, "texts of pages are not shown here: service.show_pages is false");
    };
    let raw = match recent.record(id) {
        Ok(raw) => raw,
        Err(gone) => return gone_away(gone),
    };
    let Ok(turn) = board.explaining.clone().try_acquire_owned() else {
        let text = "two explanations are being made already: try again in a moment";
        return ([(header::RETRY_AFTER, "1")], said(StatusCode::SERVICE_UNAVAILABLE, text)).into_response();
    };
    let pipeline = board.pipeline.clone();
    // It goes on to its end though whoever asked may be gone: the turn goes with it.
    let made = tokio::task::spawn_blocking(move || {
        let page = html::render(&explain(&pipeline, &raw, None));
        drop(turn);
        page
    });
    match made.await {
        Ok(page) => {
            let policy = format!("{}; frame-ancestors 'none'", *html::POLICY);
            let kind = "text/html; charset=utf-8".to_owned();
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], page).into_response()
        }
        Err(_) => said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the page could not be explained: that is a bug of newsmill, and its log says more",
        ),
    }
}

fn gone_away(gone: Gone) -> Response {
    let (code, text) = match gone {
        Gone::Unknown => (StatusCode::NOT_FOUND, "this page is not, or no more, among the last ones"),
        Gone::TooLarge => (
            StatusCode::GONE,
            "this page is larger than what is kept of the last ones: `newsmill explain` explains it from its topic or file",
        ),
        Gone::GaveWay => (StatusCode::GONE, "this page has given way to later ones"),
        Gone::Harmful => (
            StatusCode::GONE,
            "this page stopped a worker, and so it is not gone through again here: `newsmill explain` explains it from its topic",
        ),
    };
    said(code, text)
}

fn said(code: StatusCode, text: &str) -> Response {
    (code, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{text}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::Live;
    use crate::pipeline::{Pipeline, Settings};
    use crate::record::{Outcome, RawRecord, Reason, Reject, Source};
    use crate::service::page::Flow;
    use crate::telemetry::Recent;

    #[tokio::test]
    async fn two_at_a_time_and_a_sentence_for_what_is_not_there() {
        let recent = Arc::new(Recent::default());
        let source = Source::File { input: "a.txt".into(), line: 1 };
        let raw = |size| RawRecord {
            source: source.clone(),
            key: None,
            value: vec![b' '; size],
            headers: vec![("content-type".to_owned(), b"text/plain".to_vec())],
        };
        let reject = |reason| {
            Outcome::Rejected(Box::new(Reject {
                page_id: "page".to_owned(),
                url: None,
                reason,
                stage: "decode",
                detail: String::new(),
                source: source.clone(),
                body: Vec::new(),
            }))
        };
        recent.offer(&reject(Reason::Empty), || Arc::new(raw(10)));
        recent.offer(&reject(Reason::Empty), || Arc::new(raw(300 << 10)));
        recent.offer(&reject(Reason::Timeout), || Arc::new(raw(10)));
        let pipeline = Arc::new(Pipeline::new(&Settings::default()));
        let board = Board::new(Flow::Files(Arc::new(Live::default())), pipeline, Some(recent));
        let ask = |id| explanation(State(board.clone()), Path(id));
        for (id, code) in [(1, 200), (2, 410), (3, 410), (4, 404)] {
            assert_eq!(ask(id).await.status().as_u16(), code, "{id}");
        }
        let turns = board.explaining.clone().acquire_many_owned(AT_ONCE as u32).await;
        let answer = ask(1).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()[header::RETRY_AFTER].as_bytes()),
            (503, &b"1"[..])
        );
        drop(turns);
        assert_eq!(ask(1).await.status(), StatusCode::OK);
    }
}
