//! Words about the dashboard.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
Example: the market of entente.json, and a MODiCuM market beside it
  entente dashboard --listen 127.0.0.1:8640 --modicum modicum.json

It only reads, and holds no key: a browser's own wallet signs what is offered on the page. Whoever reaches the address may
look; let others than this machine do so with --listen 0.0.0.0:8640, or behind a proxy whose name --host tells.")]
pub struct Dashboard {
    /// Where the page is served; port 0 for a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8640")]
    pub listen: SocketAddr,
    /// A name, besides localhost and plain addresses, under which browsers may ask for the page. Once for each.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// A `MODiCuM` market to show; modicum.json where there is one.
    #[arg(long, env = "ENTENTE_MODICUM", value_name = "FILE")]
    pub modicum: Option<PathBuf>,
    /// A `SolidWorx` market to show; solidworx.json where there is one.
    #[arg(long, env = "ENTENTE_SOLIDWORX", value_name = "FILE")]
    pub solidworx: Option<PathBuf>,
    /// How often the chain is asked for news.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..))]
    pub poll_milliseconds: u64,
    /// Keep what is read from the chain here, a file or a database of PostgreSQL, instead of going on at each start from where
    /// a verb such as `transax market` has read last. Of several dashboards with one place, one serves; the others stand by.
    #[arg(long, value_name = "FILE|URL", hide_env_values = true)]
    pub journal: Option<journal::Place>,
}
