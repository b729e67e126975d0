//! What the DSO does by hand: groups and meters, and which is in which.

use ::transax::Event;
use bindings::Call;
use serde_json::json;
use units::{GroupId, WattHours};

use crate::{
    cli::{AccountName, Group, MeterLimits, MoveMeter, Signer},
    exit::Failure,
    output::time,
    session::{Done, Session},
    setting::Setting,
};

/// `group add`.
pub async fn group(setting: &Setting, verb: Group) -> Result<(), Failure> {
    let Group::Add { limits, signer } = verb;
    let session = Session::open(setting).await?;
    let mut sender = session.sender(setting, &signer).await?;
    let call = Call::AddGroup { internal_limit: limits.internal, external_limit: limits.external };
    let receipt = session.send(&mut sender, &call).await?;
    let group = session.events(&receipt).await?.into_iter().find_map(|event| match event {
        Event::GroupAdded { group, .. } => Some(group),
        _ => None,
    });
    let group = group.ok_or_else(|| anyhow::anyhow!("the transaction added no group"))?;
    let sentence = format!("group {group} was added");
    let figures = json!({ "group": group, "internal_limit_wh": limits.internal, "external_limit_wh": limits.external });
    let done = Done::new(sentence, figures, &[receipt]);
    Ok(setting.output.result(&done.then(format!("entente transax meter add METER --group {group} …")))?)
}

/// `meter add`.
pub async fn meter(
    setting: &Setting,
    meter: &AccountName,
    limits: MeterLimits,
    signer: &Signer,
) -> Result<(), Failure> {
    let address = setting.account(meter)?;
    let production_limit = WattHours(limits.production_limit_wh.into());
    let consumption_limit = WattHours(limits.consumption_limit_wh.into());
    if production_limit.0 + consumption_limit.0 > u64::from(u32::MAX) {
        return Err(Failure::Usage(format!("the two limits together are more than {} Wh; lower either", u32::MAX)));
    }
    let session = Session::open(setting).await?;
    let mut sender = session.sender(setting, signer).await?;
    let group = GroupId(limits.group);
    let call = Call::RegisterSmartMeter { meter: address, group, production_limit, consumption_limit };
    let receipt = session.send(&mut sender, &call).await?;
    let sentence =
        format!("meter {address} is in group {group}: up to {production_limit} produced, {consumption_limit} consumed");
    let figures = json!({
        "meter": address,
        "group": group,
        "production_limit_wh": production_limit,
        "consumption_limit_wh": consumption_limit,
    });
    let done = Done::new(sentence, figures, &[receipt]);
    Ok(setting.output.result(&done.then(format!("entente transax certify PROSUMER {address} --output FILE")))?)
}

/// `groups move`.
pub async fn move_meter(setting: &Setting, words: &MoveMeter) -> Result<(), Failure> {
    let meter = setting.account(&words.meter)?;
    let session = Session::open(setting).await?;
    let from = words.from.resolve(session.next_interval().await?);
    let mut sender = session.sender(setting, &words.signer).await?;
    let group = GroupId(words.group);
    let receipt = session.send(&mut sender, &Call::MoveSmartMeter { meter, group, from }).await?;
    let old_group = session.events(&receipt).await?.into_iter().find_map(|event| match event {
        Event::SmartMeterMoved { old_group, .. } => Some(old_group),
        _ => None,
    });
    let old_group = old_group.ok_or_else(|| anyhow::anyhow!("the transaction moved no meter"))?;
    let starts = session.deployment.params.start_of(from);
    let sentence = format!(
        "meter {meter} moves from group {old_group} to group {group} with interval {from}, which starts {}",
        time(starts)
    );
    let figures =
        json!({ "meter": meter, "old_group": old_group, "group": group, "from": from, "from_starts": starts });
    Ok(setting.output.result(&Done::new(sentence, figures, &[receipt]).then("entente transax market"))?)
}
