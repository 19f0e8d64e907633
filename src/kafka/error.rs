//! How a worker ends when it cannot go on.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

/// Why a worker cannot start or go on. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No broker answers.
    #[error("{0}")]
    Unreachable(String),
    /// The configuration cannot be used.
    #[error("{0}")]
    Configuration(String),
    /// Anything else that a retry does not mend.
    #[error("{0}")]
    Failed(String),
}

/// What to do about an error code that no retry mends; `None` for those that pass.
pub(super) fn advice(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::TopicAuthorizationFailed => {
            "the user lacks rights: allow READ and DESCRIBE on the topics of pages and sightings, WRITE and DESCRIBE \
             on those of articles, duplicates, rejected and sightings"
        }
        Code::GroupAuthorizationFailed => {
            "the user lacks rights: allow READ and DESCRIBE on the consumer group"
        }
        Code::TransactionalIdAuthorizationFailed => {
            "the user lacks rights: allow WRITE and DESCRIBE on the transactional ids that begin with the group's name"
        }
        Code::ClusterAuthorizationFailed => "the user lacks rights: allow IDEMPOTENT_WRITE on the cluster",
        Code::SaslAuthenticationFailed | Code::Authentication => {
            "the broker does not accept the credentials: check sasl.mechanisms, sasl.username and the password"
        }
        Code::UnsupportedSASLMechanism => "the broker does not speak this mechanism: check sasl.mechanisms",
        Code::SSL => {
            "the TLS handshake failed: check ssl.ca.location and the names in the broker's certificate"
        }
        Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition => {
            "a topic is missing: run `newsmill check`, which prints how to create it"
        }
        Code::InvalidTransactionTimeout => {
            "the broker allows no such transaction timeout: lower kafka.transaction_timeout_ms or raise the broker's \
             transaction.max.timeout.ms"
        }
        Code::InvalidSessionTimeout => {
            "the broker allows no such session timeout: set kafka.session_timeout_ms between the broker's \
             group.min.session.timeout.ms and group.max.session.timeout.ms"
        }
        Code::InconsistentGroupProtocol => {
            "the group has members of another program or an older release: stop them, or set another kafka.group"
        }
        _ => return None,
    })
}

/// The advice of [`advice`] for any error of the client.
pub(super) fn advice_for(error: &KafkaError) -> Option<&'static str> {
    error.rdkafka_error_code().and_then(advice)
}
