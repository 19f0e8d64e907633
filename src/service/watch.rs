//! The status page of a run over files: `newsmill process --watch`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::listen::Listener;
use super::page::{self, Board, Flow};
use crate::local::Live;
use crate::pipeline::Pipeline;

/// Port of the page where none is named, if it is free.
const PORT: u16 = 9600;
/// Longest time for those who look on to be told how it ended.
const TOLD_WITHIN: Duration = Duration::from_secs(1);

/// A server of the page, on a thread of its own.
pub struct Watch {
    address: SocketAddr,
    board: Arc<Board>,
    stop: oneshot::Sender<()>,
    ended: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Serves the page of a run. Without an address on loopback, at the usual port or, where that is taken, at any free one.
    ///
    /// # Errors
    /// Nothing can be served at that address.
    pub fn start(
        address: Option<SocketAddr>,
        pipeline: Arc<Pipeline>,
        live: Arc<Live>,
    ) -> Result<Self, io::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(bind(address))?;
        let address = listener.local_addr()?;
        let recent = live.recent.clone();
        let board = Board::new(Flow::Files(live), pipeline, recent);
        let routes = page::routes(board.clone())
            .layer(middleware::from_fn_with_state(address.ip().is_loopback(), page::guard));
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = mpsc::channel();
        let watched = board.clone();
        let thread = std::thread::Builder::new().name("page".into()).spawn(move || {
            runtime.block_on(serve(listener, routes, watched, stopped));
            runtime.shutdown_background();
            drop(end);
        })?;
        Ok(Self { address, board, stop, ended, thread })
    }

    /// Where the page is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells those who look on that the run has ended. The page stays there.
    pub fn finish(&self) {
        self.board.finish();
    }

    /// Ends the server, when those who look on have been told, or soon.
    pub fn close(self) {
        // Of a server that has ended nobody listens.
        let _has_ended = self.stop.send(());
        if self.ended.recv_timeout(TOLD_WITHIN) == Err(mpsc::RecvTimeoutError::Disconnected) {
            let _panicked = self.thread.join();
        }
    }
}

async fn bind(address: Option<SocketAddr>) -> Result<TcpListener, io::Error> {
    if let Some(address) = address {
        return TcpListener::bind(address).await;
    }
    let loopback = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    match TcpListener::bind(loopback(PORT)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => TcpListener::bind(loopback(0)).await,
        bound => bound,
    }
}

async fn serve(listener: TcpListener, routes: Router, board: Arc<Board>, stopped: oneshot::Receiver<()>) {
    let ticks = tokio::spawn(page::tick(board));
    let asked_to_stop = async move {
        let _sender_is_gone = stopped.await;
    };
    // Its future never gives an error.
    let _infallible = axum::serve(Listener(listener), routes).with_graceful_shutdown(asked_to_stop).await;
    ticks.abort();
}
