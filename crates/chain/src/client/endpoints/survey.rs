//! Compares endpoints: are they of one chain, does one lag, do they agree about what is settled.

use std::{collections::HashMap, time::Duration};

use alloy::{
    consensus::BlockHeader,
    eips::BlockNumberOrTag,
    primitives::{Address, B256},
    providers::Provider,
    transports::TransportError,
};
use futures_util::future::join_all;
use tokio::time::Instant;
use tracing::{info, warn};

use super::{
    super::ClientError,
    Endpoints,
    condition::{Condition, Dissent, Fault},
};

/// What an endpoint says of itself.
enum Report {
    /// Its newest block's number.
    Head(u64),
    /// It contradicts.
    Dissents(Dissent),
    /// It does not answer.
    Fails,
}

impl Endpoints {
    /// Asks each which chain it serves; one that answers is needed, and all that do must say the same. The others are
    /// asked again later.
    pub(in crate::client) async fn verify(&self, limit: Duration) -> Result<u64, ClientError> {
        const METHOD: &str = "eth_chainId";
        let asked = self.0.all.iter().map(|endpoint| async {
            match tokio::time::timeout(limit, endpoint.provider.get_chain_id()).await {
                Ok(answer) => answer.map_err(|source| ClientError::Request { method: METHOD, source }),
                Err(_) => Err(ClientError::Timeout { method: METHOD, limit }),
            }
        });
        let (mut expected, mut first_error) = (None, None);
        for (index, answer) in join_all(asked).await.into_iter().enumerate() {
            let endpoint = self.0.all[index].name.clone();
            match answer {
                Ok(found) if expected.is_none_or(|expected| expected == found) => {
                    expected = Some(found);
                    self.state().conditions[index] = Condition::Good;
                }
                Ok(found) => {
                    let expected = expected.unwrap_or(found);
                    return Err(ClientError::OtherChain { endpoint, expected, found });
                }
                Err(error) => {
                    if self.count() > 1 {
                        warn!(endpoint, error = &error as &dyn std::error::Error, "an endpoint does not answer");
                    }
                    first_error = first_error.or(Some(error));
                }
            }
        }
        let Some(chain_id) = expected else {
            return Err(first_error.expect("there is an endpoint, which answers or does not"));
        };
        let mut state = self.state();
        state.chain_id = chain_id;
        state.used = state.conditions.iter().position(|condition| *condition == Condition::Good).unwrap_or(0);
        Ok(chain_id)
    }

    /// Sets those aside where a contract is missing, now and whenever they are compared; an error where that is all.
    pub(in crate::client) async fn require_code(&self, contracts: &[Address]) -> Result<(), ClientError> {
        self.state().contracts = contracts.to_vec();
        let good: Vec<_> =
            (0..self.count()).filter(|index| self.state().conditions[*index] == Condition::Good).collect();
        let mut missing = None;
        let mut has_all = false;
        for (index, lacking) in
            join_all(good.into_iter().map(|index| async move { (index, self.lacking(index, contracts).await) })).await
        {
            match lacking {
                Ok(None) => has_all = true,
                Ok(Some(address)) => {
                    missing = Some(address);
                    self.note(index, Condition::Aside(Dissent::NoCode));
                }
                Err(error) => self.unreachable(index, &error),
            }
        }
        match missing {
            Some(address) if !has_all => Err(ClientError::NoCode { address, chain_id: self.state().chain_id }),
            _ => Ok(()),
        }
    }

    /// The first of `contracts` that an endpoint has no code for.
    async fn lacking(&self, index: usize, contracts: &[Address]) -> Result<Option<Address>, TransportError> {
        for address in contracts {
            if self.0.all[index].provider.get_code_at(*address).await?.is_empty() {
                return Ok(Some(*address));
            }
        }
        Ok(None)
    }

    /// Compares them, beside whatever else is asked, if that was last done some time ago.
    pub(in crate::client) fn survey_if_due(&self) {
        if self.count() < 2 {
            return;
        }
        let mut state = self.state();
        if state.next_survey > Instant::now() {
            return;
        }
        // Until it has ended and says when the next one is due.
        state.next_survey = Instant::now() + Duration::from_hours(1);
        drop(state);
        let endpoints = self.clone();
        tokio::spawn(async move {
            endpoints.survey().await;
            endpoints.state().next_survey = Instant::now() + endpoints.0.settings.survey_every;
        });
    }

    async fn survey(&self) {
        let reports = join_all((0..self.count()).map(|index| self.report(index))).await;
        let mut heads = Vec::new();
        for (index, report) in reports.into_iter().enumerate() {
            match report {
                Report::Head(head) => heads.push((index, head)),
                Report::Dissents(dissent) => self.note(index, Condition::Aside(dissent)),
                Report::Fails => {}
            }
        }
        self.set_dissenters_aside(&mut heads).await;
        let furthest = heads.iter().map(|(_, head)| *head).max().unwrap_or(0);
        let is_behind = |head: u64| head.saturating_add(self.0.settings.most_behind) < furthest;
        for (index, head) in &heads {
            if is_behind(*head) {
                self.note(*index, Condition::Behind);
            }
        }
        heads.retain(|(_, head)| !is_behind(*head));
        // Once more without those that lag, so that a fork is seen which is younger than the block they stopped at.
        self.set_dissenters_aside(&mut heads).await;
        for (index, _) in &heads {
            self.note(*index, Condition::Good);
        }
        // The first in the operator's order that can be relied on.
        if let Some(first) = heads.iter().map(|(index, _)| *index).min() {
            self.switch(&mut self.state(), first);
        }
    }

    async fn report(&self, index: usize) -> Report {
        let (condition, chain_id, contracts) = {
            let state = self.state();
            if let Condition::Resting { until, .. } = state.conditions[index]
                && until > Instant::now()
            {
                return Report::Fails;
            }
            (state.conditions[index], state.chain_id, state.contracts.clone())
        };
        let provider = &self.0.all[index].provider;
        let report = async {
            if condition != Condition::Good {
                if provider.get_chain_id().await? != chain_id {
                    return Ok(Report::Dissents(Dissent::OtherChain));
                }
                if self.lacking(index, &contracts).await?.is_some() {
                    return Ok(Report::Dissents(Dissent::NoCode));
                }
            }
            provider.get_block_number().await.map(Report::Head)
        };
        report.await.unwrap_or_else(|error: TransportError| {
            self.unreachable(index, &error);
            Report::Fails
        })
    }

    /// Takes out of `heads`, and sets aside, all that have another block than most where the lowest of them is settled;
    /// where most do not agree, than the first that is relied on.
    async fn set_dissenters_aside(&self, heads: &mut Vec<(usize, u64)>) {
        let Some(lowest) = heads.iter().map(|(_, head)| *head).min() else { return };
        let height = lowest.saturating_sub(self.0.settings.settled_depth);
        let asked = heads.iter().map(|(index, _)| async move { (*index, self.hash(*index, height).await) });
        let answers = join_all(asked).await;
        let mut hashes = Vec::new();
        for (index, answer) in answers {
            match answer {
                Ok(Some(hash)) => hashes.push((index, hash)),
                // It has cut its chain back meanwhile; the next comparison tells.
                Ok(None) => heads.retain(|(one, _)| *one != index),
                Err(error) => {
                    self.unreachable(index, &error);
                    heads.retain(|(one, _)| *one != index);
                }
            }
        }
        let Some(agreed) = self.agreed(&hashes) else { return };
        for (index, _) in hashes.iter().filter(|(_, hash)| *hash != agreed) {
            heads.retain(|(one, _)| one != index);
            self.note(*index, Condition::Aside(Dissent::Fork));
        }
    }

    async fn hash(&self, index: usize, height: u64) -> Result<Option<B256>, TransportError> {
        let number = BlockNumberOrTag::Number(height);
        let block = self.0.all[index].provider.get_block_by_number(number).await?;
        Ok(block.filter(|block| block.header.number() == height).map(|block| block.header.hash))
    }

    fn agreed(&self, hashes: &[(usize, B256)]) -> Option<B256> {
        let mut votes: HashMap<B256, usize> = HashMap::new();
        for (_, hash) in hashes {
            *votes.entry(*hash).or_default() += 1;
        }
        let majority = votes.iter().find(|(_, votes)| **votes * 2 > hashes.len()).map(|(hash, _)| *hash);
        let state = self.state();
        let relied_on = hashes.iter().find(|(index, _)| !matches!(state.conditions[*index], Condition::Aside(_)));
        majority.or_else(|| relied_on.or(hashes.first()).map(|(_, hash)| *hash))
    }

    fn unreachable(&self, index: usize, error: &TransportError) {
        self.failed(index, &Fault { reason: error.to_string(), retry_after: None });
    }

    /// Takes note of how one is, and tells where that is new.
    fn note(&self, index: usize, condition: Condition) {
        let endpoint = &self.0.all[index].name;
        let before = std::mem::replace(&mut self.state().conditions[index], condition);
        let usable = if condition == Condition::Good { 1.0 } else { 0.0 };
        metrics::gauge!("entente_rpc_endpoint_good", "endpoint" => endpoint.clone()).set(usable);
        if before == condition {
            return;
        }
        if condition == Condition::Good {
            info!(endpoint, before = before.name(), "an endpoint can be relied on");
            return;
        }
        let labels = [("endpoint", endpoint.clone()), ("reason", condition.name().to_owned())];
        metrics::counter!("entente_rpc_disagreements_total", &labels).increment(1);
        warn!(endpoint, reason = condition.name(), "an endpoint disagrees with the others");
    }
}
