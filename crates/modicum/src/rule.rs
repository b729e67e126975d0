//! The part of the match rule that both offers decide between them.

use alloy_primitives::{B256, keccak256};

use crate::{JobOffer, Refusal, ResourceOffer};

/// Whether a job may be matched with a resource at `time`, its deadline at most `longest_seconds` ahead. The checks and
/// their order are the contract's; `layer_proof` shows the job's base layer among the provider's.
pub fn check(
    job: &JobOffer,
    resource: &ResourceOffer,
    layer_proof: &[B256],
    time: u64,
    longest_seconds: u32,
) -> Result<(), Refusal> {
    if time > resource.expiry {
        return Err(Refusal::OfferExpired { expiry: resource.expiry });
    }
    check_capacity(job, resource)?;
    check_prices(job, resource)?;
    if resource.architecture != job.architecture {
        return Err(Refusal::OtherArchitecture { offered: resource.architecture, needed: job.architecture });
    }
    if resource.meter_id != job.meter_id {
        return Err(Refusal::OtherMeter { offered: resource.meter_id, needed: job.meter_id });
    }
    if job.base_layer != B256::ZERO && root(job.base_layer, layer_proof) != resource.base_layers {
        return Err(Refusal::BaseLayerUnsupported { layer: job.base_layer });
    }
    check_time(job, resource, time, longest_seconds)
}

fn check_capacity(job: &JobOffer, resource: &ResourceOffer) -> Result<(), Refusal> {
    let (offered, needed) = (resource.instructions, job.instruction_limit);
    if offered < needed {
        return Err(Refusal::TooFewInstructions { offered, needed });
    }
    let (offered, needed) = (resource.memory_bytes, job.memory_limit);
    if offered < needed {
        return Err(Refusal::TooLittleMemory { offered, needed });
    }
    let (offered, needed) = (resource.storage_bytes, job.storage_limit);
    if offered < needed {
        return Err(Refusal::TooLittleStorage { offered, needed });
    }
    let (offered, needed) = (resource.bandwidth_bytes, job.bandwidth_limit);
    if offered < needed {
        return Err(Refusal::TooLittleBandwidth { offered, needed });
    }
    Ok(())
}

fn check_prices(job: &JobOffer, resource: &ResourceOffer) -> Result<(), Refusal> {
    let (asked, most) = (resource.instruction_price, job.max_instruction_price);
    if asked > most {
        return Err(Refusal::InstructionsTooDear { asked, most });
    }
    let (asked, most) = (resource.bandwidth_price, job.max_bandwidth_price);
    if asked > most {
        return Err(Refusal::BandwidthTooDear { asked, most });
    }
    Ok(())
}

fn check_time(job: &JobOffer, resource: &ResourceOffer, time: u64, longest_seconds: u32) -> Result<(), Refusal> {
    let slow = |end| Refusal::TooSlow { end, deadline: job.deadline };
    if resource.instructions_per_second == 0 {
        return Err(slow(time.into()));
    }
    let needed = job.instruction_limit.div_ceil(resource.instructions_per_second);
    let end = u128::from(time).saturating_add(needed.into());
    if end > job.deadline.into() {
        return Err(slow(end));
    }
    let latest = time.saturating_add(longest_seconds.into());
    if job.deadline > latest {
        return Err(Refusal::TooLong { deadline: job.deadline, latest });
    }
    Ok(())
}

/// Root of a Merkle tree whose nodes hash pairs by ascending value.
fn root(leaf: B256, proof: &[B256]) -> B256 {
    proof.iter().fold(leaf, |node, sister| {
        let (low, high) = if node < *sister { (node, *sister) } else { (*sister, node) };
        keccak256([low.0, high.0].concat())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_among_others_has_their_root() {
        let [a, b, c] = [1, 2, 3].map(B256::repeat_byte);
        let pair = keccak256([a.0, b.0].concat());
        let (low, high) = if pair < c { (pair, c) } else { (c, pair) };
        assert_eq!(root(b, &[a, c]), keccak256([low.0, high.0].concat()));
        assert_eq!(root(a, &[]), a);
    }
}
