//! `mint fog`.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use alloy::primitives::Address;
use mint::{Acceptance, Policy};
use mint_detector::Parameters;
use mint_fog::{Fog, Setting as FogSetting, report_to_cloud, router};
use mint_wire::Client;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::now_ms;

use super::{names, token};
use crate::{
    cli::MintFog,
    exit::Failure,
    hosting::{serve, until_interrupted},
    setting::Setting,
};

/// From one report to the cloud to the next.
const REPORT_EVERY: Duration = Duration::from_secs(5);

/// Where a server listens and who it is.
#[derive(Serialize)]
pub struct Listening {
    pub url: String,
    pub address: Address,
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "listening at {}, signing as {}", self.url, self.address)
    }
}

/// Serves until interrupted.
pub async fn run(setting: &Setting, words: MintFog) -> Result<(), Failure> {
    let interrupted = until_interrupted()?;
    let (miners, token) = (names(&words.miners)?, token(&words.token_file)?);
    let signer = setting.unlock(&words.signer)?;
    let fog_setting = FogSetting {
        name: words.name,
        miners,
        acceptance: Acceptance::default(),
        policy: Policy::default(),
        parameters: Parameters::calibrated(),
        diary: words.diary,
    };
    let address = signer.address();
    let fog = Arc::new(Mutex::new(Fog::open(fog_setting, signer, now_ms()).map_err(anyhow::Error::from)?));
    let listener = TcpListener::bind(words.listen).await?;
    setting.output.result(&Listening { url: format!("http://{}", listener.local_addr()?), address })?;
    setting.output.progress(format_args!("fog server {address} is running; Ctrl-C stops it"));
    let done = CancellationToken::new();
    let reporting = match (words.cloud, words.cloud_address) {
        (Some(url), Some(cloud)) => {
            let client = Client::new(&url).map_err(anyhow::Error::from)?;
            Some(tokio::spawn(report_to_cloud(fog.clone(), client, cloud, REPORT_EVERY, done.clone())))
        }
        _ => None,
    };
    let served = serve(setting.output, listener, router(fog, token), interrupted).await;
    done.cancel();
    if let Some(reporting) = reporting {
        reporting.await.map_err(anyhow::Error::from)?;
    }
    served
}
