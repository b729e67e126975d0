//! What the log shows, on standard error.

use std::io::{self, IsTerminal as _, Write};

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use crate::{cli::LogFormat, rpc::RpcUrls};

/// Starts the log, written in `format`. Where `RUST_LOG` says nothing an agent's tells warnings, for they are why it does nothing, and any
/// other verb's tells nothing but errors: what a verb has to say, it says itself. No secret of `rpc` is shown.
pub fn start(runs_an_agent: bool, format: LogFormat, rpc: Option<RpcUrls>) {
    let level = match (runs_an_agent, format) {
        // Whoever collects them wants to know what was done, too.
        (true, LogFormat::Json) => LevelFilter::INFO,
        (true, LogFormat::Text) => LevelFilter::WARN,
        (false, _) => LevelFilter::ERROR,
    };
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(move || Redacting { to: io::stderr(), rpc: rpc.clone() });
    if format == LogFormat::Json {
        log.json().flatten_event(true).with_current_span(false).init();
    } else if runs_an_agent && std::env::var_os("RUST_LOG").is_none() {
        log.compact().with_target(false).init();
    } else {
        log.init();
    }
}

/// Passes events on, each of which comes whole, without the node's secrets.
struct Redacting<W> {
    to: W,
    rpc: Option<RpcUrls>,
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        match &self.rpc {
            Some(rpc) => self.to.write_all(rpc.redact(&String::from_utf8_lossy(event)).as_bytes())?,
            None => self.to.write_all(event)?,
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_an_address_is_never_logged() {
        let rpc: RpcUrls = "https://node.example/v3/0123abc".parse().expect("an address");
        let mut log = Redacting { to: Vec::new(), rpc: Some(rpc.clone()) };
        log.write_all(format!("no answer from {}\n", rpc.expose()[0]).as_bytes()).expect("a buffer takes all");
        assert_eq!(log.to, b"no answer from https://node.example\n");
    }
}
