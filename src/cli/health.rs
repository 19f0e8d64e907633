//! `newsmill health`: asks a worker on this machine how it is, for supervisors that run a command.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::{ConfigArguments, Failure};

/// Longest wait for the connection, and for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 64 * 1024;

/// Ask the worker of this machine whether it is alive, or ready, and print its answer
#[derive(Args)]
#[command(after_help = "Examples:
  newsmill health                                  what an image without a shell runs as its health check
  newsmill health --ready --config newsmill.toml
  newsmill health --address 127.0.0.1:9601 | jq .state

Exit codes: 0 it is, 1 it is not, 2 bad configuration, 3 no worker answers there")]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Ask whether it is ready (/readyz): it has read the log, is in the group and reaches the broker; else whether it
    /// is alive (/livez)
    #[arg(long)]
    ready: bool,

    /// Where the worker listens [default: service.listen of the configuration]
    #[arg(long, value_name = "ADDRESS:PORT")]
    address: Option<SocketAddr>,
}

impl Arguments {
    /// Runs the command.
    pub fn run(self) -> Result<(), Failure> {
        let address = match self.address {
            Some(address) => address,
            None => {
                let listen = self.config.load()?.service.listen;
                listen.parse().map_err(|_| {
                    Failure::Usage(anyhow::anyhow!("service.listen is `{listen}`: write address:port"))
                })?
            }
        };
        let path = if self.ready { "/readyz" } else { "/livez" };
        let answer = get(nearest(address), path).map_err(|error| {
            Failure::Unreachable(anyhow::anyhow!(
                "no worker answers at {address} ({error}): see whether `newsmill run` is up, and give its \
                 service.listen as --address"
            ))
        })?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        println!("{}", body.trim_end());
        let status = head.split(' ').nth(1).unwrap_or("");
        if status == "200" {
            return Ok(());
        }
        let what = if self.ready { "ready" } else { "alive" };
        Err(Failure::Failed(anyhow::anyhow!(
            "the worker at {address} is not {what} (status {status}): see above"
        )))
    }
}

/// Where to reach a worker on this machine that listens on all addresses.
fn nearest(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

/// The whole answer to one request. The server is our own, so that HTTP/1.0 without a client library is enough.
fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_reached_by_loopback() {
        let nearest = |text: &str| nearest(text.parse().unwrap()).to_string();
        assert_eq!(nearest("0.0.0.0:9600"), "127.0.0.1:9600");
        assert_eq!(nearest("[::]:9600"), "[::1]:9600");
        assert_eq!(nearest("10.1.2.3:9600"), "10.1.2.3:9600");
    }
}
