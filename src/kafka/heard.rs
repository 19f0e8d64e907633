//! What a client says while somebody waits for it: the reason why no broker answers, and records that were not taken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

use super::client;
use super::token;

#[derive(Default)]
struct Heard {
    decisive: Option<(RDKafkaErrorCode, String)>,
    undelivered: Option<RDKafkaErrorCode>,
}

/// Shared by all clients of one look or job.
#[derive(Clone, Default)]
pub(super) struct Hearing(Arc<Mutex<Heard>>);

impl Hearing {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first error that no retry mends, and what the client said of it.
    pub fn decisive(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.heard().decisive.clone()
    }

    /// Why a record was not taken since the last call, if one was not.
    pub fn take_undelivered(&self) -> Option<RDKafkaErrorCode> {
        self.heard().undelivered.take()
    }
}

impl ClientContext for Hearing {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::read(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(code) = client::decisive(&error, reason) {
            self.heard().decisive.get_or_insert_with(|| (code, reason.to_owned()));
        }
    }
}

impl ConsumerContext for Hearing {}

impl ProducerContext for Hearing {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result
            && let Some(code) = error.rdkafka_error_code()
        {
            self.heard().undelivered = Some(code);
        }
    }
}
