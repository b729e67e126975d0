// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

import {Settlement} from "../../../contracts/transax/ITransax.sol";
import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {Authorization, Mix, Signature} from "../../../contracts/transax/ITransaxSigned.sol";
import {Offer, PriceRule, Side} from "../../../contracts/transax/TransaxTypes.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @title And everybody who acts by signature: mixers, anonymous accounts, relays, and who forges
contract MixingHandler is MarketHandler {
    address private constant ONE_TIME = address(0x1713E);

    /// @notice Accounts that came out of mixes and transfers.
    address[] public nobody;
    /// @notice What mixes and transfers brought an account for an interval, and what they took, Wh, by side.
    mapping(address account => mapping(uint24 interval => uint256[2])) private received;
    mapping(address account => mapping(uint24 interval => uint256[2])) private given;
    uint256 private _made;

    constructor(PriceRule rule) MarketHandler(rule) {}

    // --- mixers ---

    function mix(uint256 r) external acts(r) {
        Mix memory m = _mixOf(3 + _random(2));
        if (m.inputs.length < 3) return;
        Signature[] memory all = signatures(m);
        uint256 forgery = _random(8);
        bytes memory expected;
        if (forgery == 0) {
            m.amounts[0] ^= 1;
            expected = refusal(ITransaxErrors.BadSignature.selector, m.inputs[0]);
        } else if (forgery == 1) {
            uint32 nonce = m.nonces[1]++;
            all = signatures(m);
            expected = abi.encodeWithSelector(ITransaxErrors.WrongNonce.selector, m.inputs[1], nonce, nonce + 1);
        } else if (forgery == 2) {
            m.outputs[2] = m.outputs[1];
            all = signatures(m);
            expected = refusal(ITransaxErrors.OutputsNotAscending.selector, m.outputs[1]);
        } else if (forgery == 3) {
            (uint24 t, uint32 least) = _mostOfOne(m);
            m.amounts[0] = uint256(least + 1) << (t % 8) * 32;
            all = signatures(m);
            address input = _firstBelow(m, t, least + 1);
            expected = abi.encodeWithSelector(
                ITransaxErrors.MixLacksAssets.selector, input, t, _freeToMix(input, m.side, t), least + 1
            );
        }
        if (expected.length > 0) refuse(expected);
        vm.prank(STRANGER);
        signed.mix(m, all);
        if (expected.length > 0) {
            ++count["forged"];
            return;
        }
        for (uint256 i; i < m.inputs.length; ++i) {
            _remember(m.outputs[i], 1);
            for (uint24 lane; lane < 8; ++lane) {
                uint32 energy = uint32(m.amounts[0] >> lane * 32);
                given[m.inputs[i]][m.first + lane][uint256(m.side)] += energy;
                received[m.outputs[i]][m.first + lane][uint256(m.side)] += energy;
            }
        }
        ++count["mixed"];
    }

    /// @dev A joint transaction of accounts of group 1, to accounts that may be fresh, of what all of them can spare.
    function _mixOf(uint256 size) private returns (Mix memory m) {
        m.inputs = new address[](size);
        m.outputs = new address[](size);
        m.nonces = new uint32[](size);
        uint256 start = _random(3 + nobody.length);
        uint256 used;
        for (uint256 i; i < 3 + nobody.length && used < size; ++i) {
            address account = _inGroup1((start + i) % (3 + nobody.length));
            if (i < 3 || groupAt(account, 0) == 1) m.inputs[used++] = account;
        }
        if (used < size) {
            m.inputs = new address[](0);
            return m;
        }
        for (uint256 i; i < size; ++i) {
            m.outputs[i] = _output(m.inputs, m.outputs, i);
        }
        _sort(m.inputs);
        _sort(m.outputs);
        for (uint256 i; i < size; ++i) {
            m.nonces[i] = signed.nonces(m.inputs[i]);
        }
        (m.group, m.side) = (1, _side());
        m.first = (market.nextInterval() + uint24(_random(12))) / 8 * 8;
        (m.fee, m.relay) = (uint96(_random(1000)), _random(2) == 0 ? RELAY : address(0));
        m.deadline = uint64(block.timestamp + _random(60));
        uint96 spare = type(uint96).max;
        for (uint256 i; i < size; ++i) {
            if (credits(m.inputs[i]) < spare) spare = credits(m.inputs[i]);
        }
        if (spare < m.fee) m.fee = 0;
        m.credits = uint96(_random(spare - m.fee + 1));
        m.amounts = new uint256[](1);
        for (uint24 lane; lane < 8; ++lane) {
            uint32 least = _least(m, m.first + lane);
            m.amounts[0] |= _random(uint256(least) + 1) << lane * 32;
        }
    }

    /// @dev The i-th account that may be in group 1.
    function _inGroup1(uint256 i) private view returns (address) {
        return i < 3 ? who[1 + i] : nobody[i - 3];
    }

    /// @dev Somebody who is on neither list.
    function _output(address[] memory inputs, address[] memory outputs, uint256 used)
        private
        returns (address account)
    {
        bool isFree;
        // Not too many, so that checking all of them stays possible.
        if (nobody.length > 16 || (nobody.length > 0 && _random(3) == 0)) {
            account = nobody[_random(nobody.length)];
            isFree = groupAt(account, 0) == 1;
            for (uint256 i; i < inputs.length; ++i) {
                if (inputs[i] == account || (i < used && outputs[i] == account)) isFree = false;
            }
        }
        if (!isFree) account = _fresh();
    }

    function _least(Mix memory m, uint24 t) private view returns (uint32 least) {
        least = type(uint32).max;
        for (uint256 i; i < m.inputs.length; ++i) {
            uint32 held = _freeToMix(m.inputs[i], m.side, t);
            if (held < least) least = held;
        }
    }

    function _mostOfOne(Mix memory m) private returns (uint24 t, uint32 least) {
        t = m.first + uint24(_random(8));
        least = _least(m, t);
    }

    function _firstBelow(Mix memory m, uint24 t, uint32 needed) private view returns (address) {
        for (uint256 i; i < m.inputs.length; ++i) {
            if (_freeToMix(m.inputs[i], m.side, t) < needed) return m.inputs[i];
        }
        revert("nobody");
    }

    /// @dev Of the group that is mixed, whichever the account is in.
    function _freeToMix(address account, Side side, uint24 interval) private view returns (uint32) {
        return signed.freeAssetsIn(1, account, side, interval);
    }

    // --- accounts that sign ---

    function postBySig(uint256 r) external acts(r) {
        for (uint256 i; i < 3; ++i) {
            _postBySig();
        }
    }

    function _postBySig() private {
        (address account, Side side) = (_signer(), _side());
        uint24 start = _interval();
        uint24 end = start + uint24(_random(4));
        uint16 group = groupAt(account, start);
        while (groupAt(account, end) != group) --end;
        uint32 energy = _most(account, side, start, end, 20_000);
        if (energy == 0 && end > start) {
            end = start;
            energy = _most(account, side, start, end, 20_000);
        }
        uint40 price = uint40((side == Side.Sell ? 100_000 : 150_000) + _random(2) * 50_000);
        if (side == Side.Buy && credits(account) < uint256(energy) * price / 1000) return;
        if (energy == 0) return;
        bytes memory action = posting(account, group, side, energy, price, start, end);
        Authorization memory by = signedBy(_by(account, uint256(energy) * price / 1000), action);
        (, uint24 before,,) = market.accounts(account);
        bool isForged = _random(6) == 0;
        if (isForged) refuse(refusal(ITransaxErrors.BadSignature.selector, account));
        vm.prank(STRANGER);
        signed.postOfferBySig(by, group, side, isForged ? energy + 1 : energy, price, start, end);
        if (isForged) return;
        if (before == 0) who.push(account);
        ++count["posted by signature"];
    }

    function cancelBySig(uint256 r) external acts(r) {
        uint24 tf = market.nextInterval();
        (uint32 id, Offer memory o, address account) = _offer();
        for (uint256 i; i < 16 && o.end <= tf + T_H; ++i) {
            (id, o, account) = _offer();
        }
        if (o.end < tf || o.next > o.end) return;
        Authorization memory by = signedBy(_by(account, 0), cancelling(account, id));
        bool isWithin = o.end <= tf + T_H;
        if (isWithin) refuse(refusal(ITransaxErrors.WithinPlanHorizon.selector, id, o.end));
        signed.cancelOfferBySig(by, id);
        if (!isWithin) ++count["cancelled by signature"];
    }

    function transferBySig(uint256 r) external acts(r) {
        (address account, address to, Side side) = (_signer(), _signer(), _side());
        uint24 first = _interval();
        uint24 last = first + uint24(_random(10));
        uint16 group = groupAt(account, first);
        while (groupAt(account, last) != group) --last;
        bool isApart = groupAt(to, first) != group || groupAt(to, last) != group;
        if (isApart || (nobody.length < 20 && _random(4) == 0)) to = _fresh();
        uint32 energy = _most(account, side, first, last, 10_000);
        uint96 amount = uint96(_random(1 + credits(account) / 2));
        if (amount == 0 && energy == 0) return;
        bytes memory action = transferring(account, to, amount, group, side, first, last, energy);
        Authorization memory by = signedBy(_by(account, amount), action);
        signed.transferBySig(by, to, amount, group, side, first, last, energy);
        _remember(to, group);
        for (uint24 t = first; t <= last; ++t) {
            given[account][t][uint256(side)] += energy;
            received[to][t][uint256(side)] += energy;
        }
        // What was carried out is never carried out again.
        refuse(abi.encodeWithSelector(ITransaxErrors.WrongNonce.selector, account, by.nonce + 1, by.nonce));
        signed.transferBySig(by, to, amount, group, side, first, last, energy);
        ++count["transferred"];
    }

    function depositBySig(uint256 r) external acts(r) {
        for (uint256 i; i < 16; ++i) {
            (uint32 id, Offer memory o, address account) = _offer();
            if (!_isProsumer(account)) return _depositAll(id, o, account);
        }
    }

    function _deposit(address account, Settlement[] memory s, uint24 first, uint24 last) internal override {
        if (_isProsumer(account)) return super._deposit(account, s, first, last);
        uint16 group = groupAt(account, last);
        Authorization memory by = signedBy(_by(account, 0), depositing(account, ONE_TIME, group, first, last));
        signed.depositBySig(by, s, ONE_TIME, group, first, last);
        ++count["deposited by signature"];
    }

    // --- what the checks ask ---

    /// @notice Everybody who may hold anything.
    function holders() external view returns (address[] memory list) {
        list = new address[](PROSUMERS + nobody.length + 3);
        for (uint256 i; i < list.length - 3; ++i) {
            list[i] = i < PROSUMERS ? who[i] : nobody[i - PROSUMERS];
        }
        (list[list.length - 3], list[list.length - 2], list[list.length - 1]) = (RELAY, STRANGER, address(this));
    }

    /// @notice How many have a number as owner of offers.
    function owners() external view returns (uint256) {
        return who.length;
    }

    /// @notice What an account came by and parted with, apart from trading, for each interval from `from` on: production in
    /// and out, consumption in and out. In: withdrawn, or sent to it. Out: still free, sent by it, or deposited.
    function balances(address account, uint24 from, uint256 count) external view returns (uint256[4][] memory list) {
        list = new uint256[4][](count);
        bool isProsumer = _isProsumer(account);
        for (uint24 i; i < count; ++i) {
            uint24 t = from + i;
            uint64 gone = deposited[account][t];
            for (uint256 side; side < 2; ++side) {
                uint256 own = isProsumer ? market.withdrawnAssets(account, Side(side), t) : 0;
                list[i][2 * side] = own + received[account][t][side];
                list[i][2 * side + 1] =
                    free(account, Side(side), t) + given[account][t][side] + (side == 0 ? gone >> 32 : uint32(gone));
            }
        }
    }

    /// @notice What a prosumer has withdrawn for each interval from `from` on, both sides.
    function withdrawals(address account, uint24 from, uint256 count) external view returns (uint256[2][] memory list) {
        list = new uint256[2][](count);
        if (!_isProsumer(account)) return list;
        for (uint24 i; i < count; ++i) {
            for (uint256 side; side < 2; ++side) {
                list[i][side] = market.withdrawnAssets(account, Side(side), from + i);
            }
        }
    }

    // --- inside ---

    /// @dev An hour, and where `needed` is left of its credits a fee.
    function _by(address account, uint256 needed) private returns (Authorization memory by) {
        by = plainly(account);
        uint256 spare = credits(account) < needed ? 0 : credits(account) - needed;
        (by.fee, by.relay) = (uint96(spare < 100 ? 0 : _random(100)), _random(2) == 0 ? RELAY : address(0));
    }

    /// @dev Anonymous accounts more often than prosumers.
    function _signer() private returns (address) {
        if (nobody.length == 0 || _random(4) == 0) return who[_random(PROSUMERS)];
        uint256 recent = nobody.length < 8 ? nobody.length : 8;
        return nobody[nobody.length - 1 - _random(recent)];
    }

    /// @dev Nobody before has this account.
    function _fresh() private returns (address account) {
        uint256 key = uint256(keccak256(abi.encode("nobody", ++_made)));
        account = vm.addr(key);
        keyOf[account] = key;
    }

    function _remember(address account, uint16 group) private {
        for (uint256 i; i < nobody.length; ++i) {
            if (nobody[i] == account) return;
        }
        if (_isProsumer(account)) return;
        nobody.push(account);
        stays[account].push(Stay(0, group));
    }

    function _sort(address[] memory list) private pure {
        for (uint256 i = 1; i < list.length; ++i) {
            for (uint256 at = i; at > 0 && list[at - 1] > list[at]; --at) {
                (list[at - 1], list[at]) = (list[at], list[at - 1]);
            }
        }
    }
}
