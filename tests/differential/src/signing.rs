//! Sequences' calls by signature: mixes and single actions, mostly sensible and often broken.

use alloy_primitives::{Address, B256};
use transax::{Authorization, Mix, PostingTerms, Side, Transfer, TransferredAssets};
use units::{GroupId, IntervalIndex, Money, Price, WattHours};

use crate::broken;
use crate::call::Call;
use crate::sequence::Sequence;
use crate::signed::{Action, SignedCall, SignedMix, mix_digest};

impl Sequence {
    /// One call by signature, submitted by anybody.
    pub(crate) fn act_by_signature(&mut self) {
        match self.random.below(10) {
            0..3 => self.mix(),
            3..6 => self.post_by_sig(),
            6 => self.cancel_by_sig(),
            7 => self.deposit_by_sig(),
            _ => self.transfer_by_sig(),
        }
    }

    fn mix(&mut self) {
        let joint = self.some_mix();
        let digest = mix_digest(&joint, &self.world.domain());
        let mut signatures: Vec<[B256; 2]> = joint.inputs.iter().map(|input| self.world.sign(*input, digest)).collect();
        let mut signed = vec![true; signatures.len()];
        if self.random.percent(6) {
            let place = self.random.place(signatures.len().max(1));
            if let (Some(signature), Some(signed)) = (signatures.get_mut(place), signed.get_mut(place)) {
                signature[1].0[self.random.place(32)] ^= 1 << self.random.below(8);
                *signed = false;
            }
        }
        if self.random.percent(3) {
            signatures.pop();
            signed.pop();
        }
        let submitter = self.someone();
        self.world.step(submitter, &Call::Mix(SignedMix { joint, signatures, signed }));
    }

    /// A joint transaction that is carried out where nothing was broken.
    fn some_mix(&mut self) -> Mix {
        let group = GroupId(u16::from(self.random.percent(50)));
        let side = self.some_side();
        let first = IntervalIndex((self.next() + self.random.between32(0, 4)) / 8 * 8);
        let mut inputs = self.holders(group, side, first);
        while inputs.len() < 3 {
            let anyone = self.anyone();
            if !inputs.contains(&anyone) {
                inputs.push(anyone);
            }
        }
        inputs.truncate(3 + self.random.place(2));
        let mut outputs: Vec<Address> =
            self.everybody().into_iter().filter(|account| !inputs.contains(account)).collect();
        while outputs.len() > inputs.len() {
            outputs.remove(self.random.place(outputs.len()));
        }
        inputs.sort_unstable();
        outputs.sort_unstable();
        let credits = inputs.iter().map(|input| self.credits(*input).0).min().unwrap_or(0);
        let fee = self.random.below(3);
        let share = u64::try_from(credits.saturating_sub(fee.into())).unwrap_or(u64::MAX);
        let mut joint = Mix {
            group,
            side,
            first,
            amounts: vec![[0; 8]],
            credits: Money(self.random.between(0, share.min(50_000_000)).into()),
            fee: Money(fee.into()),
            relay: self.random.percent(50).then(|| self.world.actors[0]),
            deadline: self.world.now + self.random.below(60),
            nonces: inputs.iter().map(|input| self.world.market.nonce(*input)).collect(),
            inputs,
            outputs,
        };
        for lane in 0..8_u32 {
            let interval = IntervalIndex(first.0 + lane);
            let held = |input: &Address| self.world.market.free_assets_in(group, *input, side, interval).0;
            let least = joint.inputs.iter().map(held).min().unwrap_or(0);
            joint.amounts[0][lane as usize] = u32::try_from(self.random.between(0, least)).expect("32 bits");
        }
        if self.random.percent(45) {
            self.break_mix(&mut joint);
        }
        joint
    }

    fn break_mix(&mut self, joint: &mut Mix) {
        let place = self.random.place(joint.inputs.len());
        match self.random.below(14) {
            0 => joint.deadline = self.world.now - 1,
            1 => {
                joint.inputs.truncate(2);
                joint.outputs.truncate(2);
                joint.nonces.truncate(2);
            }
            2 => _ = joint.outputs.pop(),
            3 => _ = joint.nonces.pop(),
            4 => joint.first = IntervalIndex(joint.first.0 + 1),
            5 => (joint.amounts, joint.credits) = (Vec::new(), Money(0)),
            6 => joint.inputs.reverse(),
            7 => joint.inputs[1] = joint.inputs[0],
            8 => joint.outputs.reverse(),
            9 => joint.outputs[0] = if self.random.percent(50) { Address::ZERO } else { joint.outputs[1] },
            10 => {
                joint.outputs[0] = joint.inputs[place];
                joint.outputs.sort_unstable();
            }
            11 => joint.nonces[place] ^= 1,
            12 => joint.amounts.push([0, 1, 0, 0, 0, 0, 0, u32::MAX]),
            _ => joint.credits = Money(1 << 95),
        }
    }

    /// Who has assets of a group for the eight intervals from `first` on.
    fn holders(&mut self, group: GroupId, side: Side, first: IntervalIndex) -> Vec<Address> {
        let market = &self.world.market;
        let holds = |account: &Address| {
            (first.0..first.0 + 8).any(|i| market.free_assets_in(group, *account, side, IntervalIndex(i)).0 > 0)
        };
        let mut holders: Vec<Address> = self.everybody().into_iter().filter(holds).collect();
        let turn = self.random.place(holders.len().max(1));
        holders.rotate_left(turn);
        holders
    }

    fn post_by_sig(&mut self) {
        let account = self.anyone();
        let (start, end) = self.some_span();
        let (mut side, mut group) = (self.some_side(), GroupId(u16::from(self.random.percent(50))));
        let mut energy = self.some_energy();
        // What the account has most of, now and then.
        if self.random.percent(90) {
            let free = |group: u16, side: Side| {
                let free = (start.0..=end.0)
                    .map(|i| self.world.market.free_assets_in(GroupId(group), account, side, IntervalIndex(i)).0);
                (free.min().unwrap_or(0), group, side)
            };
            let kinds = [free(0, Side::Sell), free(0, Side::Buy), free(1, Side::Sell), free(1, Side::Buy)];
            let (most, of_group, of_side) = kinds.into_iter().max().expect("four of them");
            if most > 0 {
                (group, side, energy) = (GroupId(of_group), of_side, WattHours(energy.0.min(most)));
            }
        }
        let price = Price(self.random.between(0, 350) * self.tick);
        let action = Action::PostOffer(PostingTerms { group, side, energy, price, start, end });
        self.act(account, action, Call::PostOfferBySig);
    }

    fn cancel_by_sig(&mut self) {
        let far = IntervalIndex(self.next() + self.world.market.params().plan_horizon);
        let offers: Vec<_> = self.world.market.offers().map(|(id, offer)| (id, offer.owner, offer.end)).collect();
        let cancellable: Vec<_> = offers.iter().filter(|(.., end)| *end > far).copied().collect();
        let from = if cancellable.is_empty() || self.random.percent(20) { offers } else { cancellable };
        let Some((offer, owner, _)) = self.random.pick(&from) else { return };
        let owner = self.world.market.owner_address(owner).expect("every offer has an owner");
        let account = if self.random.percent(90) { owner } else { self.anyone() };
        self.act(account, Action::CancelOffer(offer), Call::CancelOfferBySig);
    }

    fn deposit_by_sig(&mut self) {
        let account = self.anyone();
        let last = self.next().saturating_sub(u32::from(self.random.percent(90)));
        let span = (IntervalIndex(self.random.between32(0, last)), IntervalIndex(last));
        let mut settlements = self.world.market.settlements(account, self.world.now, IntervalIndex(last + 1));
        if self.random.percent(15) {
            broken::settlements(&mut settlements, &mut self.random);
        }
        let group = GroupId(u16::from(self.random.percent(50)));
        let meter = if self.random.percent(5) { Address::ZERO } else { self.world.meters[0] };
        self.act(account, Action::Deposit { settlements, meter, group, span }, Call::DepositBySig);
    }

    fn transfer_by_sig(&mut self) {
        let (account, mut to) = (self.anyone(), self.anyone());
        if self.random.percent(3) {
            to = Address::ZERO;
        }
        let (first, last) = self.some_span();
        let (group, side) = (GroupId(u16::from(self.random.percent(50))), self.some_side());
        let free = (first.0..=last.0)
            .map(|i| self.world.market.free_assets_in(group, account, side, IntervalIndex(i)).0)
            .min()
            .unwrap_or(0);
        let energy = if self.random.percent(10) { free + 1 } else { self.random.between(0, free) };
        let energy = WattHours(energy.min(u32::MAX.into()));
        let most = u64::try_from(self.credits(account).0).unwrap_or(u64::MAX).min(1 << 40);
        let credits = Money(u128::from(self.random.between(0, most)) + u128::from(self.random.percent(5)));
        let assets = TransferredAssets { group, side, first, last, energy };
        let assets =
            if self.random.percent(20) { TransferredAssets { energy: WattHours(0), ..assets } } else { assets };
        let credits = if self.random.percent(20) { Money(0) } else { credits };
        self.act(account, Action::Transfer(Transfer { to, credits, assets }), Call::TransferBySig);
    }

    /// Signs and submits, now and then with something wrong.
    fn act(&mut self, account: Address, action: Action, call: fn(SignedCall) -> Call) {
        let mut by = Authorization {
            account,
            nonce: self.world.market.nonce(account),
            deadline: self.world.now + self.random.below(60),
            fee: Money(self.random.below(4).into()),
            relay: self.random.percent(50).then(|| self.world.actors[1]),
        };
        if self.credits(account) < by.fee && self.random.percent(95) {
            by.fee = Money(0);
        }
        match self.random.below(40) {
            0 => by.nonce ^= 1,
            1 => by.deadline = self.world.now - 1,
            2 => by.relay = Some(account),
            _ => {}
        }
        let digest = action.digest(&by, &self.world.domain());
        let mut signed = SignedCall { by, action, signature: self.world.sign(account, digest), is_signed: true };
        match self.random.below(40) {
            0 => (signed.by.fee, signed.is_signed) = (Money(signed.by.fee.0 + 1), false),
            1 => {
                signed.signature[0].0[self.random.place(32)] ^= 1;
                signed.is_signed = false;
            }
            2 => (signed.signature, signed.is_signed) = ([B256::ZERO; 2], false),
            3 => {
                let another = self.world.nobodies.iter().find(|other| **other != account).copied();
                signed.signature = self.world.sign(another.expect("six of them"), digest);
                signed.is_signed = false;
            }
            _ => {}
        }
        let submitter = self.someone();
        self.world.step(submitter, &call(signed));
    }

    fn everybody(&self) -> Vec<Address> {
        self.world.actors.iter().chain(&self.world.nobodies).copied().collect()
    }

    fn anyone(&mut self) -> Address {
        let everybody = self.everybody();
        everybody[self.random.place(everybody.len())]
    }

    pub(crate) fn credits(&self, account: Address) -> Money {
        self.world.market.account(account).map_or(Money(0), |account| account.credits)
    }
}
