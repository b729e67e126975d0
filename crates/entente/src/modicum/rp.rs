//! `rp run`: a provider until it is interrupted.

use std::time::Duration;

use ::modicum::ResourceOffer;
use alloy::primitives::B256;
use bindings::modicum::{Refused, sign_offer};
use job_container::NANOSECONDS_A_SECOND;
use modicum_provider::{Capacity, Provider, Settings, Workshop, measure};
use modicum_solver::SignedOffer;
use units::Money;

use super::{
    listen, roles,
    session::{Sender, Session},
    store::Found,
};
use crate::{
    cli::{ProviderRole, RunModicum, values::Decimal},
    exit::Failure,
    hosting::Hosting,
    setting::Setting,
};

/// Carries a verb out.
pub async fn run(setting: &Setting, verb: ProviderRole) -> Result<(), Failure> {
    let ProviderRole::Run(words) = verb;
    let hosting = Hosting::open(setting, &words.host, Session::open(setting, &words.at)).await?;
    let (session, key) = (&hosting.session, hosting.key.clone());
    let machine = roles::machine(&words.machine, words.limits.patience())?;
    let found = Found::of(&words.store).await?;
    found.service(&session.view().await?.0)?;
    let workshop = Workshop::new(words.work.clone(), machine.clone(), found.open(key.clone())?);
    let speed = match words.speed {
        Some(speed) => speed,
        None if words.machine.containers => NANOSECONDS_A_SECOND,
        None => {
            let measured = tokio::task::spawn_blocking(move || measure(&*machine)).await;
            measured.map_err(anyhow::Error::from)?.map_err(anyhow::Error::from)?
        }
    };
    setting.output.progress(format_args!("{} million instructions a second", speed / 1_000_000));
    let capacity = capacity(&words, session.known.token_decimals, speed)?;
    if !words.host.dry_run {
        let mut sender = Sender::new(session.client.clone(), key.clone(), Refused::decode).await?;
        for receipt in session.top_up(&mut sender, capacity.deposit).await? {
            setting.output.progress(format_args!("paid in what was missing, block {}", receipt.block.number));
        }
    }
    let settings = Settings {
        capacity,
        behaviour: words.behaviour,
        margin_seconds: words.margin_seconds,
        posts_offers: words.solver.is_none(),
    };
    let provider = Provider::new("provider", key.address(), settings, workshop);
    if let Some(solver) = words.solver {
        let place = session.known.place();
        let sign = move |offer: ResourceOffer| {
            let signature = sign_offer(&key, place.chain_id, place.market, offer.name())?;
            Ok(SignedOffer::Resource { offer, signature })
        };
        // It ends with the provider.
        tokio::spawn(listen::keep_sent(setting.output, solver, provider.offered(), listen::AGAIN, sign));
    }
    hosting.run("provider", provider).await
}

fn capacity(words: &RunModicum, decimals: u8, speed: u64) -> Result<Capacity, Failure> {
    let Money(deposit) = words.deposit.money(decimals).map_err(Failure::Usage)?;
    let price = |amount: Decimal| amount.job_price(decimals).map_err(Failure::Usage);
    let limits = words.limits.limits();
    Ok(Capacity {
        deposit,
        instructions: within(limits.instructions, speed, words.limits.patience()),
        instructions_per_second: speed,
        memory_bytes: limits.memory_bytes,
        storage_bytes: limits.storage_bytes,
        bandwidth_bytes: limits.bandwidth_bytes,
        instruction_price: price(words.instruction_price)?,
        bandwidth_price: price(words.bandwidth_price)?,
        architecture: roles::architecture(&words.machine)?,
        base_layers: base_layers(words)?,
        offer_seconds: words.offer_seconds,
    })
}

/// Of the one image that it runs containers in, its id; without, anybody could name an image that it does not have.
fn base_layers(words: &RunModicum) -> Result<B256, Failure> {
    match (words.machine.containers, words.image) {
        (false, _) => Ok(B256::ZERO),
        (true, Some(image)) => Ok(B256::from(image.0)),
        (true, None) => Err(Failure::Usage("--containers needs --image, the one in which they are run".into())),
    }
}

/// No more than this machine runs before it gives a job up.
fn within(instructions: u64, speed: u64, patience: Duration) -> u64 {
    instructions.min(speed.saturating_mul(patience.as_secs()))
}
