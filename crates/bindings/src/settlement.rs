//! Links, settlements and their evidence, as arguments.

use transax::{Evidence, Link, Settlement};

use crate::{OutOfRange, contracts::Transax, number::narrow};

pub(crate) fn links(links: &[Link]) -> Result<Vec<Transax::Link>, OutOfRange> {
    links.iter().map(link).collect()
}

fn link(link: &Link) -> Result<Transax::Link, OutOfRange> {
    Ok(Transax::Link {
        legsHash: link.legs_hash,
        rest: link.rest,
        nextInterval: narrow("nextInterval", link.next_interval.0)?,
        nextValue: narrow("nextValue", link.next_value.0)?,
    })
}

pub(crate) fn settlements(settlements: &[Settlement]) -> Result<Vec<Transax::Settlement>, OutOfRange> {
    settlements.iter().map(settlement).collect()
}

fn settlement(settlement: &Settlement) -> Result<Transax::Settlement, OutOfRange> {
    Ok(Transax::Settlement {
        offer: settlement.offer.0,
        until: narrow("until", settlement.until.0)?,
        evidence: settlement.evidence.iter().map(evidence).collect(),
    })
}

fn evidence(evidence: &Evidence) -> Transax::Evidence {
    Transax::Evidence { previous: evidence.previous.0, leg: evidence.leg, proof: evidence.proof.clone() }
}
