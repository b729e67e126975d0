//! Everything that can be asked of the contracts, in the rules crate's terms.

mod describe;
mod encode;

use alloy::primitives::{Address, B256, Bytes};
use transax::{Link, Mix, Settlement, Side};
use units::{GroupId, IntervalIndex, Money, OfferId, Price, WattHours};

use crate::signed::{CompactSignature, SignedAction};

/// Which contract a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The market.
    Market,
    /// The token in which it pays.
    Token,
}

/// One call. `Display` says what it does; [`Call::data`] encodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are documented at the contract's interface, whose names they bear")]
pub enum Call {
    /// The DSO adds a group; limits in Wh an interval, `None` for none.
    AddGroup { internal_limit: Option<WattHours>, external_limit: Option<WattHours> },
    /// The DSO registers a meter.
    RegisterSmartMeter { meter: Address, group: GroupId, production_limit: WattHours, consumption_limit: WattHours },
    /// The DSO moves a meter to another group from an interval on.
    MoveSmartMeter { meter: Address, group: GroupId, from: IntervalIndex },
    /// The caller registers behind its meter, see [`crate::sign_certificate`].
    RegisterProsumer { meter: Address, certificate: Bytes },
    /// The caller withdraws assets for each interval of `first..=last`.
    WithdrawAssets { side: Side, first: IntervalIndex, last: IntervalIndex, energy: WattHours },
    /// The caller's tokens become credits; the market must be allowed to move them, see [`Call::Approve`].
    DepositCredits { amount: Money },
    /// The caller's credits become tokens.
    WithdrawCredits { amount: Money },
    /// The caller offers to trade.
    PostOffer { side: Side, energy: WattHours, price: Price, start: IntervalIndex, end: IntervalIndex },
    /// The caller's offer grows: more energy, intervals up to a later `end`, or both.
    AugmentOffer { offer: OfferId, energy_added: WattHours, end: IntervalIndex },
    /// The caller takes back what plans cannot rely on yet.
    CancelOffer { offer: OfferId },
    /// A plan is proposed, with the energy it trades.
    PostSolution { value: WattHours, plan: Bytes },
    /// The candidate's trades of the next interval become final.
    Finalize { links: Vec<Link>, legs: Vec<B256> },
    /// Offers of an account are settled.
    Settle { account: Address, settlements: Vec<Settlement> },
    /// The same, and the account's assets of a group in the final intervals `first..=last` go to its meter.
    Deposit {
        account: Address,
        group: GroupId,
        settlements: Vec<Settlement>,
        first: IntervalIndex,
        last: IntervalIndex,
    },
    /// What an account has signed, submitted by whoever calls.
    Signed(Box<SignedAction>),
    /// A joint transaction with the signatures of its inputs, submitted by whoever calls.
    Mix { joint: Box<Mix>, signatures: Vec<CompactSignature> },
    /// The caller lets `spender` (the market) move this much of its tokens.
    Approve { spender: Address, amount: Money },
    /// The token's owner makes tokens for an account; test networks only.
    Mint { account: Address, amount: Money },
}

impl Call {
    /// Which contract it goes to.
    pub const fn target(&self) -> Target {
        match self {
            Self::Approve { .. } | Self::Mint { .. } => Target::Token,
            _ => Target::Market,
        }
    }
}
