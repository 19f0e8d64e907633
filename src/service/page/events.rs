//! The live part: server-sent events.
//!
//! Who comes gets the whole state first (`state`), then what changes once a second (`tick`); one text is made a second for all
//! of them, and none when nobody is there. Who reads so slowly that a tick is missed gets the whole state again, and
//! whoever does not read at all is cut off by the listener ([`super::super::listen`]).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::MissedTickBehavior;

use super::Board;

/// Those who may look on at the same time.
pub(super) const SEATS: usize = 16;

/// What changes, and when.
#[derive(Debug, Clone, Default)]
pub(super) struct Tick {
    /// Ticks are counted.
    pub number: u64,
    pub json: Arc<str>,
    /// Nothing comes after it.
    pub is_last: bool,
}

/// `GET /events`.
pub(super) async fn events(State(board): State<Arc<Board>>) -> Response {
    let Ok(seat) = board.seats.clone().try_acquire_owned() else {
        let text = format!("{SEATS} are looking on already: close one of them, or read /status.json\n");
        return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    };
    let ticks = board.ticks.subscribe();
    board.wanted.notify_one();
    Sse::new(follow(Follower { board, ticks, last: None, is_over: false, _seat: seat })).into_response()
}

struct Follower {
    board: Arc<Board>,
    ticks: watch::Receiver<Tick>,
    /// Number of the last tick that was sent; `None` before the first state.
    last: Option<u64>,
    is_over: bool,
    _seat: OwnedSemaphorePermit,
}

fn follow(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    })
}

impl Follower {
    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        if self.is_over {
            return None;
        }
        let tick = match self.last {
            None => self.ticks.borrow_and_update().clone(),
            Some(_) => {
                self.ticks.changed().await.ok()?;
                self.ticks.borrow_and_update().clone()
            }
        };
        self.is_over = tick.is_last;
        let follows = self.last.is_some_and(|last| last + 1 == tick.number);
        self.last = Some(tick.number);
        if follows {
            return Some(Event::default().event("tick").data(&tick.json));
        }
        let board = self.board.clone();
        let state = tokio::task::spawn_blocking(move || board.state()).await.ok()?;
        Some(Event::default().event("state").data(state.to_string()))
    }
}

/// Makes the ticks, as long as there is somebody who looks on.
pub(in super::super) async fn tick(board: Arc<Board>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        if board.ticks.receiver_count() == 0 {
            board.wanted.notified().await;
            second.reset();
            continue;
        }
        second.tick().await;
        let looking = board.clone();
        if tokio::task::spawn_blocking(move || looking.send(false)).await.is_err() {
            tracing::warn!("the status page could not be brought up to date");
        }
    }
}
