//! The DSO's word that an address is the prosumer behind a meter.

use std::{fmt, fs, path::Path};

use alloy::primitives::{Address, Bytes};
use serde::{Deserialize, Serialize};

use crate::{cli::Certify, deployment::Deployment, exit::Failure, output::Output, setting::Setting};

/// A certificate, as a file. It is no secret: only the prosumer's own key can use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The market it is for.
    pub chain_id: u64,
    /// Its contract.
    pub market: Address,
    /// Who may register.
    pub prosumer: Address,
    /// Behind which meter.
    pub meter: Address,
    /// The DSO's EIP-712 signature.
    pub signature: Bytes,
}

impl Certificate {
    /// Reads a certificate and checks that it is for this market and this prosumer.
    pub fn read(file: &Path, deployment: &Deployment, prosumer: Address) -> Result<Self, Failure> {
        let named = |reason: String| Failure::Usage(format!("the certificate {}: {reason}", file.display()));
        let text = fs::read_to_string(file).map_err(|error| named(error.to_string()))?;
        let certificate: Self = serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
        if (certificate.chain_id, certificate.market) != (deployment.chain_id, deployment.market) {
            let (market, chain) = (certificate.market, certificate.chain_id);
            return Err(named(format!("it is for the market {market} on chain {chain}, not for this one")));
        }
        if certificate.prosumer != prosumer {
            let whose = certificate.prosumer;
            return Err(named(format!("it is for {whose}, and the wallet is {prosumer}; use that one's wallet")));
        }
        Ok(certificate)
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}

/// `certify`. Nothing is sent: a signature is all it takes.
pub async fn certify(setting: &Setting, words: &Certify) -> Result<(), Failure> {
    let (prosumer, meter) = (setting.account(&words.prosumer)?, setting.account(&words.meter)?);
    let deployment = setting.deployment()?;
    let wallet = setting.address(&words.signer)?;
    if wallet != deployment.params.dso {
        let dso = deployment.params.dso;
        return Err(Failure::Usage(format!("only the DSO, {dso}, certifies, and the wallet is {wallet}")));
    }
    let key = setting.key(&words.signer).await?;
    let (chain_id, market) = (deployment.chain_id, deployment.market);
    let signature = key.certify(chain_id, market, prosumer, meter).await;
    let signature = signature.map_err(|error| Failure::Other(error.into()))?;
    let certificate = Certificate { chain_id, market, prosumer, meter, signature };
    if let Some(file) = &words.output {
        fs::write(file, format!("{certificate}\n"))
            .map_err(|error| Failure::Usage(format!("{} cannot be written: {error}", file.display())))?;
        hint(setting.output, file);
    }
    Ok(setting.output.result(&certificate)?)
}

fn hint(output: Output, file: &Path) {
    output.progress(format_args!("next: entente transax register --certificate {} --wallet NAME", file.display()));
}
