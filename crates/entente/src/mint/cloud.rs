//! `mint cloud`.

use mint_cloud::{Pool, router};
use mint_detector::ROUND_THRESHOLD;
use tokio::net::TcpListener;

use super::{fog::Listening, names, token};
use crate::{
    cli::MintCloud,
    exit::Failure,
    hosting::{serve, until_interrupted},
    setting::Setting,
};

/// Serves until interrupted.
pub async fn run(setting: &Setting, words: MintCloud) -> Result<(), Failure> {
    let interrupted = until_interrupted()?;
    let (fogs, token) = (names(&words.fogs)?, token(&words.token_file)?);
    let signer = setting.unlock(&words.signer)?;
    let address = signer.address();
    let pool = Pool::new(fogs, ROUND_THRESHOLD, signer);
    let listener = TcpListener::bind(words.listen).await?;
    setting.output.result(&Listening { url: format!("http://{}", listener.local_addr()?), address })?;
    setting.output.progress(format_args!("cloud {address} is running; Ctrl-C stops it"));
    serve(setting.output, listener, router(pool, token), interrupted).await
}
