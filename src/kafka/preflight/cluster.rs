//! The brokers, the group and the promises: what does not hang on one topic.

use std::collections::BTreeMap;

use rdkafka::admin::ResourceSpecifier;
use rdkafka::consumer::Consumer;
use rdkafka::metadata::Metadata;

use super::{Finding, Looker};
use crate::kafka::error::advice_for;
use crate::kafka::settings::Delivery;

/// Brokers whose settings are looked at.
const BROKERS: usize = 20;
/// How often a broker looks for transactions to end, in milliseconds.
const SWEEP_MS: u64 = 10_000;

impl Looker<'_> {
    /// The brokers' settings against ours.
    pub(super) fn brokers(&self, metadata: &Metadata) -> Vec<Finding> {
        let ids: Vec<_> =
            metadata.brokers().iter().take(BROKERS).map(rdkafka::metadata::MetadataBroker::id).collect();
        let mut out = Vec::new();
        let mut hidden = Vec::new();
        for id in ids {
            // One request a broker: each knows its own.
            let Ok(resources) = self.describe(&[ResourceSpecifier::Broker(id)]) else {
                hidden.push(id);
                continue;
            };
            for resource in resources {
                let Ok(resource) = resource else {
                    hidden.push(id);
                    continue;
                };
                let rows = resource.entries.into_iter();
                let rows: BTreeMap<_, _> =
                    rows.filter_map(|row| Some((row.name, row.value?.parse::<u64>().ok()?))).collect();
                out.extend(self.bounds(id, &rows));
            }
        }
        if !hidden.is_empty() {
            let way = self.way_to_describe("the cluster");
            let detail = format!(
                "cannot be seen, so neither can the bounds that they set for timeouts; run goes without; {way}"
            );
            out.push(Finding::note("settings of brokers", detail));
        }
        out
    }

    fn bounds(&self, id: i32, rows: &BTreeMap<String, u64>) -> Vec<Finding> {
        let what = format!("broker {id}");
        let mut out = Vec::new();
        let session = u64::from(self.config.session_timeout_ms);
        let transaction = u64::from(self.config.transaction_timeout_ms);
        let transactional = self.config.delivery == Delivery::ExactlyOnce;
        let bounds = [
            ("kafka.session_timeout_ms", session, "group.min.session.timeout.ms", false, true),
            ("kafka.session_timeout_ms", session, "group.max.session.timeout.ms", true, true),
            ("kafka.transaction_timeout_ms", transaction, "transaction.max.timeout.ms", true, transactional),
        ];
        for (own, value, key, is_most, applies) in bounds {
            let Some(bound) = rows.get(key).copied().filter(|_| applies) else { continue };
            if if is_most { value > bound } else { value < bound } {
                let (side, word) = if is_most { ("most", "lower") } else { ("least", "raise") };
                out.push(Finding::problem(
                    &what,
                    format!("{own} is {value}, but {key} allows {bound} at {side}"),
                    format!("{word} {own} to {bound}, or change the broker's {key}"),
                ));
            }
        }
        let largest = self.config.max_message_bytes as u64;
        if let Some(fetched) = rows.get("replica.fetch.max.bytes").filter(|bytes| **bytes < largest) {
            let mut note = Finding::note(
                &what,
                format!(
                    "replica.fetch.max.bytes is {fetched}, below kafka.max_message_bytes = {largest}: larger records are \
                     copied to other brokers one at a time"
                ),
            );
            note.remedy.push(format!("where that is slow, set it to {largest} on the brokers"));
            out.push(note);
        }
        out
    }

    /// What is promised when a worker dies, and how long that takes.
    pub(super) fn delivery(&self) -> Finding {
        let session = u64::from(self.config.session_timeout_ms);
        match self.config.delivery {
            Delivery::AtLeastOnce => Finding::ok(
                "delivery",
                format!(
                    "at least once: a killed worker's pages go on within {} s, up to {} outcomes come again",
                    session.div_ceil(1000),
                    self.config.batch_pages
                ),
            ),
            Delivery::ExactlyOnce => {
                let bound = session + u64::from(self.config.transaction_timeout_ms) + SWEEP_MS;
                let named = if self.config.worker_id.is_empty() {
                    "; kafka.worker_id is not set, so a worker that comes back waits that long too"
                } else {
                    ""
                };
                Finding::ok(
                    "delivery",
                    format!(
                        "exactly once as {}: a killed worker's pages go on within {} s{named}",
                        self.config.transactional_id(),
                        bound.div_ceil(1000)
                    ),
                )
            }
        }
    }

    /// The group: whether the user may look at it, and whom it has. Does not join.
    pub(super) fn group(&self) -> Finding {
        let what = format!("group {}", self.config.group);
        let list = match self.consumer.fetch_group_list(Some(&self.config.group), self.left()) {
            Ok(list) => list,
            Err(error) => {
                let remedy = advice_for(&error).unwrap_or("see the broker's log");
                return Finding::problem(what, error.to_string(), remedy);
            }
        };
        let Some(group) = list.groups().first().filter(|group| group.state() != "Dead") else {
            return Finding::ok(what, "is new: it begins where kafka.start_at says");
        };
        let members = group.members();
        if members.is_empty() {
            return Finding::ok(what, "has no members now");
        }
        let kind = group.protocol_type();
        if !kind.is_empty() && kind != "consumer" {
            return Finding::problem(
                what,
                format!("is no group of consumers, but of `{kind}`"),
                "name another as kafka.group",
            );
        }
        let protocol = group.protocol();
        if !protocol.is_empty() && protocol != "cooperative-sticky" {
            return Finding::problem(
                what,
                format!(
                    "has {} members of another program: they share partitions by `{protocol}`",
                    members.len()
                ),
                "stop them, or name another as kafka.group",
            );
        }
        let own = format!("newsmill-{}-pages", self.config.worker_name());
        if let Some(same) = members.iter().find(|member| member.client_id() == own) {
            let host = same.client_host().trim_start_matches('/');
            let mut note = Finding::note(what, format!("has a worker of this name already, at {host}"));
            note.remedy.push(format!(
                "nothing, if it is this one; a second worker needs a kafka.worker_id of its own: as `{}` it would end the \
                 transactions of the first",
                self.config.worker_name()
            ));
            return note;
        }
        let noun = if members.len() == 1 { "member" } else { "members" };
        Finding::ok(what, format!("{}, {} {noun}", group.state().to_lowercase(), members.len()))
    }
}
