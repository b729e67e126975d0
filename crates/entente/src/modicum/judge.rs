//! `judge`: what a mediator published, judged again.

use std::{fmt, fs, path::Path, time::Duration};

use alloy::signers::local::PrivateKeySigner;
use job_storage::Storage;
use jobs::ContentHash;
use modicum_mediator::{Court, DOSSIER_PATH, Rejudged, SignedDossier, rejudge};
use serde::Serialize;

use super::{roles, store::Found};
use crate::{cli::JudgeModicum, exit::Failure, setting::Setting};

/// Of a dossier, bytes; it holds no job and no result.
const LARGEST_DOSSIER: u64 = 1 << 20;

/// Carries the verb out.
pub async fn run(setting: &Setting, words: JudgeModicum) -> Result<(), Failure> {
    let court = Court {
        machine: roles::machine(&words.machine, Duration::from_secs(words.patience))?,
        // Whoever may read at all may read as anybody.
        storage: Found::of(&words.store).await?.open(PrivateKeySigner::random())?,
    };
    let output = setting.output;
    let judged = tokio::task::spawn_blocking(move || judge(&court, &words.dossier)).await;
    let judged = judged.map_err(anyhow::Error::from)??;
    output.result(&judged)?;
    if judged.rejudged.stands() { Ok(()) } else { Err(anyhow::anyhow!("the verdict does not stand").into()) }
}

fn judge(court: &Court, dossier: &Path) -> Result<Judged, Failure> {
    let bytes = read(&*court.storage, dossier)?;
    let signed = SignedDossier::read(&bytes).map_err(|error| Failure::Usage(error.to_string()))?;
    let meter = court.machine.meter().0;
    if meter != signed.dossier.meter {
        return Err(Failure::Usage(format!(
            "the mediator counts by {}, and this program by {meter}",
            signed.dossier.meter
        )));
    }
    let rejudged = rejudge(court, &signed.dossier).map_err(anyhow::Error::from)?;
    let name = ContentHash(signed.name().map_err(anyhow::Error::from)?.0);
    Ok(Judged { mediator: signed.dossier.contents.mediator, dossier: name, stands: rejudged.stands(), rejudged })
}

/// The file, or what the store has under that name.
fn read(storage: &dyn Storage, dossier: &Path) -> Result<Vec<u8>, Failure> {
    let name = dossier.to_str().and_then(|words| words.parse::<ContentHash>().ok()).filter(|_| !dossier.exists());
    let Some(name) = name else {
        let unreadable = |error| Failure::Usage(format!("{}: {error}", dossier.display()));
        return fs::read(dossier).map_err(unreadable);
    };
    let folder = tempfile::tempdir()?;
    storage.get(name, folder.path(), LARGEST_DOSSIER).map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
    Ok(fs::read(folder.path().join(DOSSIER_PATH))?)
}

/// A verdict, judged again.
#[derive(Debug, Serialize)]
struct Judged {
    mediator: alloy::primitives::Address,
    /// What the contract keeps of it.
    dossier: ContentHash,
    stands: bool,
    #[serde(flatten)]
    rejudged: Rejudged,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rejudged { finding, follows, found_now, ending, ending_now, evidence } = &self.rejudged;
        writeln!(f, "dossier    0x{} by {}", self.dossier, self.mediator)?;
        writeln!(f, "verdict    {finding:?}: {}", words(*ending))?;
        if *follows != Some(*finding) {
            writeln!(f, "evidence   comes to {follows:?} instead")?;
        }
        for run in &evidence.runs {
            writeln!(f, "run        {:?}, {} instructions, {}", run.status, run.usage.instructions, run.result)?;
        }
        writeln!(
            f,
            "found now  {}: {}",
            found_now.map_or("nothing".into(), |found| format!("{found:?}")),
            words(*ending_now)
        )?;
        writeln!(f, "it {}", if self.stands { "stands" } else { "does not stand" })
    }
}

fn words(ending: Option<::modicum::Ending>) -> String {
    ending.map_or_else(|| "no answer to the dispute".to_owned(), |ending| format!("{ending:?}"))
}
