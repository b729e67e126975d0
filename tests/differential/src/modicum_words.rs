//! The twin's structures as the contract's, and the contract's logs as the twin's events.

use alloy_primitives::{Log, U256};
use alloy_sol_types::SolEventInterface;
use modicum::{Ending, Event, Finding, JobOffer, Match, Reason, ResourceOffer, ServiceKind, Shares, Status};

use crate::contract::Modicum::{self as M, ModicumEvents as Logged};

/// A number that fits, as a type of the contract's width.
macro_rules! wide {
    ($number:expr) => {
        U256::from($number).to()
    };
}
pub(crate) use wide;

pub fn job(o: &JobOffer) -> M::JobOffer {
    M::JobOffer {
        creator: o.creator,
        deposit: wide!(o.deposit),
        instructionLimit: o.instruction_limit,
        memoryLimit: o.memory_limit,
        storageLimit: o.storage_limit,
        bandwidthLimit: o.bandwidth_limit,
        maxInstructionPrice: o.max_instruction_price,
        maxBandwidthPrice: o.max_bandwidth_price,
        architecture: o.architecture,
        meterId: o.meter_id,
        baseLayer: o.base_layer,
        jobHash: o.job_hash,
        directory: o.directory,
        deadline: wide!(o.deadline),
        nonce: o.nonce,
    }
}

pub fn resource(o: &ResourceOffer) -> M::ResourceOffer {
    M::ResourceOffer {
        provider: o.provider,
        deposit: wide!(o.deposit),
        instructions: o.instructions,
        instructionsPerSecond: o.instructions_per_second,
        memoryBytes: o.memory_bytes,
        storageBytes: o.storage_bytes,
        bandwidthBytes: o.bandwidth_bytes,
        instructionPrice: o.instruction_price,
        bandwidthPrice: o.bandwidth_price,
        architecture: o.architecture,
        meterId: o.meter_id,
        baseLayers: o.base_layers,
        expiry: wide!(o.expiry),
        nonce: o.nonce,
    }
}

pub fn a_match(m: &Match) -> M::Match {
    M::Match {
        jobOffer: m.job_offer,
        resourceOffer: m.resource_offer,
        creator: m.creator,
        provider: m.provider,
        mediator: m.mediator,
        directoryOwner: m.directory_owner,
        directory: m.directory,
        deadline: wide!(m.deadline),
        estimate: wide!(m.estimate),
        mediatorFee: wide!(m.mediator_fee),
        directoryFee: wide!(m.directory_fee),
        instructionLimit: m.instruction_limit,
        bandwidthLimit: m.bandwidth_limit,
        instructionPrice: m.instruction_price,
        bandwidthPrice: m.bandwidth_price,
    }
}

/// The contract's numbers of kinds; zero is none.
pub const fn kind_number(kind: ServiceKind) -> u8 {
    match kind {
        ServiceKind::Mediator => 1,
        ServiceKind::Directory => 2,
        ServiceKind::RetiredMediator => 3,
        ServiceKind::RetiredDirectory => 4,
    }
}

fn kind(number: u8) -> ServiceKind {
    let all =
        [ServiceKind::Mediator, ServiceKind::Directory, ServiceKind::RetiredMediator, ServiceKind::RetiredDirectory];
    all.into_iter().find(|kind| kind_number(*kind) == number).expect("a kind")
}

fn back_job(o: &M::JobOffer) -> JobOffer {
    JobOffer {
        creator: o.creator,
        deposit: o.deposit.to(),
        instruction_limit: o.instructionLimit,
        memory_limit: o.memoryLimit,
        storage_limit: o.storageLimit,
        bandwidth_limit: o.bandwidthLimit,
        max_instruction_price: o.maxInstructionPrice,
        max_bandwidth_price: o.maxBandwidthPrice,
        architecture: o.architecture,
        meter_id: o.meterId,
        base_layer: o.baseLayer,
        job_hash: o.jobHash,
        directory: o.directory,
        deadline: o.deadline.to(),
        nonce: o.nonce,
    }
}

fn back_resource(o: &M::ResourceOffer) -> ResourceOffer {
    ResourceOffer {
        provider: o.provider,
        deposit: o.deposit.to(),
        instructions: o.instructions,
        instructions_per_second: o.instructionsPerSecond,
        memory_bytes: o.memoryBytes,
        storage_bytes: o.storageBytes,
        bandwidth_bytes: o.bandwidthBytes,
        instruction_price: o.instructionPrice,
        bandwidth_price: o.bandwidthPrice,
        architecture: o.architecture,
        meter_id: o.meterId,
        base_layers: o.baseLayers,
        expiry: o.expiry.to(),
        nonce: o.nonce,
    }
}

fn back_match(m: &M::Match) -> Match {
    Match {
        job_offer: m.jobOffer,
        resource_offer: m.resourceOffer,
        creator: m.creator,
        provider: m.provider,
        mediator: m.mediator,
        directory_owner: m.directoryOwner,
        directory: m.directory,
        deadline: m.deadline.to(),
        estimate: m.estimate.to(),
        mediator_fee: m.mediatorFee.to(),
        directory_fee: m.directoryFee.to(),
        instruction_limit: m.instructionLimit,
        bandwidth_limit: m.bandwidthLimit,
        instruction_price: m.instructionPrice,
        bandwidth_price: m.bandwidthPrice,
    }
}

fn back_shares(s: &M::Shares) -> Shares {
    Shares {
        creator: s.creator.to(),
        provider: s.provider.to(),
        mediator: s.mediator.to(),
        directory: s.directory.to(),
        burned: s.burned.to(),
        slashed: s.slashed.to(),
    }
}

pub fn decode(log: &Log) -> Event {
    match Logged::decode_log(log).expect("an event of the interface").data {
        Logged::FundsDeposited(e) => Event::FundsDeposited { account: e.account, amount: e.amount.to() },
        Logged::FundsWithdrawn(e) => Event::FundsWithdrawn { account: e.account, amount: e.amount.to() },
        Logged::ServiceRegistered(e) => Event::ServiceRegistered {
            id: e.id,
            owner: e.owner,
            kind: kind(e.kind),
            architecture: e.architecture,
            meter_id: e.meterId,
            fee: e.fee.to(),
        },
        Logged::ServiceUpdated(e) => {
            Event::ServiceUpdated { id: e.id, architecture: e.architecture, meter_id: e.meterId, fee: e.fee.to() }
        }
        Logged::ServiceRetired(e) => Event::ServiceRetired { id: e.id, release_time: e.releaseTime.to() },
        Logged::StakeReleased(e) => Event::StakeReleased { id: e.id, amount: e.amount.to() },
        Logged::StakeSlashed(e) => Event::StakeSlashed { id: e.id, amount: e.amount.to() },
        Logged::Trusted(e) => Event::Trusted { account: e.account, word: e.word, services: e.services },
        Logged::ResourceOffered(e) => Event::ResourceOffered { offer: e.offer, contents: back_resource(&e.contents) },
        Logged::JobOffered(e) => Event::JobOffered { offer: e.offer, contents: back_job(&e.contents) },
        Logged::OfferCancelled(e) => Event::OfferCancelled { offer: e.offer, owner: e.owner },
        Logged::Matched(e) => Event::Matched { id: e.id, solver: e.solver, contents: back_match(&e.contents) },
        Logged::ResultPosted(e) => Event::ResultPosted {
            id: e.id,
            status: Status::from_number(e.status).expect("a status"),
            result_hash: e.resultHash,
            instructions: e.instructions,
            bandwidth: e.bandwidth,
            price: e.price.to(),
        },
        Logged::ResultRejected(e) => Event::ResultRejected {
            id: e.id,
            reason: Reason::from_number(e.reason).expect("a reason"),
            until: e.until.to(),
        },
        Logged::VerdictPosted(e) => Event::VerdictPosted {
            id: e.id,
            finding: Finding::from_number(e.finding).expect("a finding"),
            spent: e.spent.to(),
            dossier: e.dossier,
        },
        Logged::MatchClosed(e) => Event::MatchClosed {
            id: e.id,
            ending: Ending::from_number(e.ending).expect("an ending"),
            shares: back_shares(&e.shares),
        },
        other @ Logged::EIP712DomainChanged(_) => panic!("nothing of it ever changes: {other:?}"),
    }
}
