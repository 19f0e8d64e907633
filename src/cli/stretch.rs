//! A stretch of a topic, as it is named on the command line.

use clap::Args;

use crate::kafka::{Bound, Stretch};

/// Where to begin and to end.
#[derive(Args)]
pub struct StretchArguments {
    /// Begin here: a time (2026-01-31, 2026-01-31T12:00:00Z), or with --partition an offset
    #[arg(long, value_name = "TIME|OFFSET")]
    pub from: Option<String>,

    /// End before this; default: the end as it is now
    #[arg(long, value_name = "TIME|OFFSET")]
    pub to: Option<String>,

    /// One partition alone
    #[arg(long, value_name = "NUMBER")]
    pub partition: Option<i32>,
}

impl StretchArguments {
    /// The stretch.
    ///
    /// # Errors
    /// What is neither a time nor an offset, or an offset without its partition.
    pub fn stretch(&self) -> anyhow::Result<Stretch> {
        let bound = |name: &str, text: &Option<String>| -> anyhow::Result<Option<Bound>> {
            let Some(text) = text else { return Ok(None) };
            if let Ok(offset) = text.parse::<i64>() {
                anyhow::ensure!(
                    self.partition.is_some(),
                    "{name} {offset} is an offset, which counts in one partition: name it with --partition"
                );
                return Ok(Some(Bound::Offset(offset)));
            }
            let day = || {
                let midnight = text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0);
                jiff::tz::TimeZone::UTC.to_timestamp(midnight).ok()
            };
            let time = text.parse::<jiff::Timestamp>().ok().or_else(day);
            let time = time.ok_or_else(|| {
                anyhow::anyhow!(
                    "{name} `{text}` is no time: write 2026-01-31 or 2026-01-31T12:00:00Z (UTC), or an offset"
                )
            })?;
            Ok(Some(Bound::Millis(time.as_millisecond())))
        };
        let (from, to) = (bound("--from", &self.from)?, bound("--to", &self.to)?);
        Ok(Stretch { from, to, partition: self.partition })
    }
}
