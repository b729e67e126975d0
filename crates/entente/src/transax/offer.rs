//! Assets and offers: withdrawing, posting, enlarging, cancelling.

use ::transax::{Event, Side};
use anyhow::anyhow;
use bindings::{Call, contracts::Transax as Contract};
use chain::Receipt;
use serde_json::json;
use units::{IntervalIndex, OfferId, Price, WattHours};

use crate::{
    cli::{Augment, Cancel, Offer, OfferTerms, WithdrawAssets, values::When},
    exit::Failure,
    output,
    session::{Done, Session},
    setting::Setting,
};

/// Carries a verb of `offer` out.
pub async fn run(setting: &Setting, verb: Offer) -> Result<(), Failure> {
    match verb {
        Offer::Sell(terms) => post(setting, Side::Sell, terms).await,
        Offer::Buy(terms) => post(setting, Side::Buy, terms).await,
        Offer::Augment(words) => augment(setting, words).await,
    }
}

/// `withdraw-assets`.
pub async fn withdraw_assets(setting: &Setting, words: WithdrawAssets) -> Result<(), Failure> {
    in_order(words.first, words.last)?;
    let session = Session::open(setting).await?;
    let (first, last) = span(&session, words.first, words.last).await?;
    let (side, energy) = (words.side.into(), WattHours(words.energy_wh.into()));
    let mut sender = session.sender(setting, &words.signer).await?;
    let receipt = session.send(&mut sender, &Call::WithdrawAssets { side, first, last, energy }).await?;
    let verb = output::side(side);
    let sentence = format!("{energy} may be offered to {verb} in each interval from {first} to {last}");
    let figures = json!({ "side": side, "first": first, "last": last, "energy_wh": energy });
    let done = Done::new(sentence, figures, &[receipt]);
    let next =
        format!("entente transax offer {verb} --energy-wh {} --price PRICE --from {first} --to {last}", energy.0);
    Ok(setting.output.result(&done.then(next))?)
}

/// What an offer's words come to in a market.
struct Terms {
    side: Side,
    energy: WattHours,
    price: Price,
    start: IntervalIndex,
    end: IntervalIndex,
}

async fn post(setting: &Setting, side: Side, words: OfferTerms) -> Result<(), Failure> {
    let to = words.to.unwrap_or(words.from);
    in_order(words.from, to)?;
    let decimals = setting.deployment()?.token_decimals;
    let price = words.price.price(decimals).map_err(|reason| Failure::Usage(format!("--price: {reason}")))?;
    let session = Session::open(setting).await?;
    let (start, end) = span(&session, words.from, to).await?;
    let terms = Terms { side, energy: WattHours(words.energy_wh.into()), price, start, end };
    let Terms { energy, .. } = terms;
    let mut sender = session.sender(setting, &words.signer).await?;
    let receipt = session.send(&mut sender, &Call::PostOffer { side, energy, price, start, end }).await?;
    let offer = session.events(&receipt).await?.into_iter().find_map(|event| match event {
        Event::OfferPosted { offer, .. } => Some(offer),
        _ => None,
    });
    let offer = offer.ok_or_else(|| anyhow!("the transaction posted no offer"))?;
    Ok(setting.output.result(&posted(offer, &terms, decimals, receipt))?)
}

fn posted(offer: OfferId, terms: &Terms, decimals: u8, receipt: Receipt) -> Done {
    let Terms { side, energy, price, start, end } = *terms;
    let verb = output::side(side);
    let shown = output::price(price, decimals);
    let sentence = format!("offer {offer}: {verb} {energy} at {shown} a kWh, in intervals {start} to {end}");
    let figures = json!({
        "offer": offer,
        "side": side,
        "energy_wh": energy,
        "price_base_units": price,
        "start": start,
        "end": end,
    });
    Done::new(sentence, figures, &[receipt]).then("entente transax offers")
}

async fn augment(setting: &Setting, words: Augment) -> Result<(), Failure> {
    if words.energy_wh == 0 && words.to.is_none() {
        return Err(Failure::Usage("nothing to add: give --energy-wh, or a later end with --to".into()));
    }
    let session = Session::open(setting).await?;
    let offer = OfferId(words.offer);
    let end = if let Some(to) = words.to {
        to.resolve(session.next_interval().await?)
    } else {
        let question = Contract::offersCall { offer: offer.0 };
        IntervalIndex(session.client.read(session.deployment.market, &question).await?.end.to())
    };
    let energy_added = WattHours(words.energy_wh.into());
    let mut sender = session.sender(setting, &words.signer).await?;
    let receipt = session.send(&mut sender, &Call::AugmentOffer { offer, energy_added, end }).await?;
    let sentence = format!("offer {offer} has {energy_added} more, and ends with interval {end}");
    let figures = json!({ "offer": offer, "energy_added_wh": energy_added, "end": end });
    Ok(setting.output.result(&Done::new(sentence, figures, &[receipt]).then("entente transax offers"))?)
}

/// `cancel`.
pub async fn cancel(setting: &Setting, words: Cancel) -> Result<(), Failure> {
    let session = Session::open(setting).await?;
    let offer = OfferId(words.offer);
    let mut sender = session.sender(setting, &words.signer).await?;
    let receipt = session.send(&mut sender, &Call::CancelOffer { offer }).await?;
    let end = session.events(&receipt).await?.into_iter().find_map(|event| match event {
        Event::OfferCancelled { end, .. } => Some(end),
        _ => None,
    });
    let end = end.ok_or_else(|| anyhow!("the transaction cancelled no offer"))?;
    let sentence = format!("offer {offer} ends with interval {end}; what it held for later ones is free again");
    let figures = json!({ "offer": offer, "end": end });
    Ok(setting.output.result(&Done::new(sentence, figures, &[receipt]).then("entente transax offers"))?)
}

/// Fails where two intervals are in the wrong order whatever the next one is.
fn in_order(first: When, last: When) -> Result<(), Failure> {
    let inverted = match (first, last) {
        (When::Index(first), When::Index(last)) => first > last,
        (When::Next(first), When::Next(last)) => first > last,
        _ => false,
    };
    if inverted { Err(Failure::Usage("the last interval lies before the first; swap them".into())) } else { Ok(()) }
}

async fn span(session: &Session, first: When, last: When) -> Result<(IntervalIndex, IntervalIndex), Failure> {
    let next = session.next_interval().await?;
    let (first, last) = (first.resolve(next), last.resolve(next));
    if first > last {
        return Err(Failure::Usage(format!("the intervals run backwards, from {first} to {last}; swap them")));
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverted_range_is_told_before_the_chain_is_asked() {
        let index = |interval| When::Index(IntervalIndex(interval));
        assert!(in_order(index(5), index(4)).is_err());
        assert!(in_order(When::Next(1), When::Next(0)).is_err());
        assert!(in_order(index(4), index(4)).is_ok());
        assert!(in_order(index(400), When::Next(0)).is_ok());
    }
}
