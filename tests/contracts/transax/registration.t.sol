// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITransaxErrors} from "../../../contracts/transax/ITransaxErrors.sol";
import {ITransaxEvents} from "../../../contracts/transax/ITransaxEvents.sol";
import {PriceRule} from "../../../contracts/transax/TransaxTypes.sol";
import {Scene} from "./Scene.sol";

contract RegistrationTest is Scene {
    address private constant DAVE = address(0xDA7E);

    function test_RevertWhen_AStrangerAddsAGroup() public {
        refuse(refusal(ITransaxErrors.NotDso.selector, STRANGER));
        vm.prank(STRANGER);
        market.addGroup(1, 2);
    }

    function test_WhenTheDsoAddsGroups() public {
        for (uint16 group = 3; group < 11; ++group) {
            vm.expectEmit(address(market));
            emit ITransaxEvents.GroupAdded(group, 1000 + group, 2000 + group);
            vm.prank(dso);
            assertEq(market.addGroup(1000 + group, 2000 + group), group, "its number");
        }
        assertEq(market.groupCount(), 11, "groups");
        for (uint16 group = 3; group < 11; ++group) {
            (uint32 internalLimit, uint32 externalLimit) = market.groupLimits(group);
            assertEq(internalLimit, 1000 + group, "internal limit");
            assertEq(externalLimit, 2000 + group, "external limit");
        }
        (uint32 first,) = market.groupLimits(0);
        assertEq(first, INTERNAL_LIMIT, "untouched by its neighbours");
    }

    function test_RevertWhen_AStrangerRegistersAMeter() public {
        refuse(refusal(ITransaxErrors.NotDso.selector, STRANGER));
        vm.prank(STRANGER);
        market.registerSmartMeter(DAVE, 0, 1, 1);
    }

    function test_RevertWhen_ThereAreAThousandGroups() public {
        for (uint256 groups = market.groupCount(); groups < 1000; ++groups) {
            vm.prank(dso);
            market.addGroup(1, 1);
        }
        refuse(refusal(ITransaxErrors.TooManyGroups.selector, 1000));
        vm.prank(dso);
        market.addGroup(1, 1);
    }

    function test_RevertWhen_TheMeterIsNobody() public {
        refuse(refusal(ITransaxErrors.UnknownMeter.selector, address(0)));
        vm.prank(dso);
        market.registerSmartMeter(address(0), 0, 1, 1);
    }

    function test_RevertWhen_TheGroupIsUnknown() public {
        refuse(refusal(ITransaxErrors.UnknownGroup.selector, 3));
        vm.prank(dso);
        market.registerSmartMeter(DAVE, 3, 1, 1);
    }

    function test_RevertWhen_TheMeterIsRegistered() public {
        refuse(refusal(ITransaxErrors.MeterExists.selector, meterOf(ALICE)));
        vm.prank(dso);
        market.registerSmartMeter(meterOf(ALICE), 1, 1, 1);
    }

    function test_RevertWhen_TheLimitsPass32Bits() public {
        refuse(refusal(ITransaxErrors.LimitsTooLarge.selector, DAVE));
        vm.prank(dso);
        market.registerSmartMeter(DAVE, 0, type(uint32).max, 1);
    }

    /// @dev Assets of a group may all come to one account: none of its sums passes 32 bits.
    function test_RevertWhen_TheGroupsLimitsPass32Bits() public {
        uint32 rest = type(uint32).max - 2 * LIMIT;
        vm.prank(dso);
        market.registerSmartMeter(DAVE, 0, rest, 0);
        address next = address(0x4E87);
        refuse(refusal(ITransaxErrors.LimitsTooLarge.selector, next));
        vm.prank(dso);
        market.registerSmartMeter(next, 0, 0, 1);
        vm.prank(dso);
        market.registerSmartMeter(next, 0, 0, 0);
    }

    function test_WhenAMeterIsRegistered() public {
        vm.expectEmit(address(market));
        emit ITransaxEvents.SmartMeterRegistered(DAVE, 2, type(uint32).max - 1, 1);
        vm.prank(dso);
        market.registerSmartMeter(DAVE, 2, type(uint32).max - 1, 1);
        (bool registered, uint16 group, uint32 produced, uint32 consumed, address prosumer, uint16 next, uint24 from) =
            market.smartMeters(DAVE);
        assertTrue(registered, "registered");
        assertEq(group, 2, "group");
        assertEq(produced, type(uint32).max - 1, "production limit");
        assertEq(consumed, 1, "consumption limit");
        assertEq(prosumer, address(0), "nobody behind it yet");
        assertEq(next, 2, "and it stays there");
        assertEq(from, 0, "never moved");
    }

    function test_RevertWhen_TheMeterIsUnknown() public {
        refuse(refusal(ITransaxErrors.UnknownMeter.selector, address(0x77)));
        vm.prank(DAVE);
        market.registerProsumer(address(0x77), "");
    }

    function test_RevertWhen_TheMeterIsTaken() public {
        bytes memory certificate = certify(DSO_KEY, DAVE, meterOf(ALICE));
        refuse(refusal(ITransaxErrors.MeterTaken.selector, meterOf(ALICE), ALICE));
        vm.prank(DAVE);
        market.registerProsumer(meterOf(ALICE), certificate);
    }

    function test_RevertWhen_RegisteringTwice() public {
        vm.prank(dso);
        market.registerSmartMeter(DAVE, 0, 1, 1);
        bytes memory certificate = certify(DSO_KEY, ALICE, DAVE);
        refuse(refusal(ITransaxErrors.AlreadyRegistered.selector, ALICE));
        vm.prank(ALICE);
        market.registerProsumer(DAVE, certificate);
    }

    function test_RevertWhen_TheCertificateIsNotForThis() public {
        address meter = meterOf(DAVE);
        vm.prank(dso);
        market.registerSmartMeter(meter, 0, 1, 1);
        _refuseCertificate(meter, "");
        _refuseCertificate(meter, certify(DSO_KEY + 1, DAVE, meter));
        _refuseCertificate(meter, certify(DSO_KEY, STRANGER, meter));
        _refuseCertificate(meter, certify(DSO_KEY, DAVE, meterOf(STRANGER)));
        _refuseCertificate(meter, certify(DSO_KEY, DAVE, meter, STRANGER, block.chainid));
        _refuseCertificate(meter, certify(DSO_KEY, DAVE, meter, address(market), block.chainid + 1));
        bytes memory longer = bytes.concat(certify(DSO_KEY, DAVE, meter), hex"00");
        _refuseCertificate(meter, longer);
    }

    /// @dev A certificate of this chain does not follow the contract onto a fork with another id.
    function test_RevertWhen_TheChainForks() public {
        address meter = meterOf(DAVE);
        vm.prank(dso);
        market.registerSmartMeter(meter, 0, 1, 1);
        bytes memory certificate = certify(DSO_KEY, DAVE, meter);
        vm.chainId(block.chainid + 1);
        _refuseCertificate(meter, certificate);
    }

    function test_WhenTheCertificateIsGood() public {
        fund(DAVE, 5);
        address meter = meterOf(DAVE);
        vm.prank(dso);
        market.registerSmartMeter(meter, 2, 1, 1);
        bytes memory certificate = certify(DSO_KEY, DAVE, meter);
        vm.expectEmit(address(market));
        emit ITransaxEvents.ProsumerRegistered(DAVE, meter, 4);
        vm.prank(DAVE);
        market.registerProsumer(meter, certificate);
        (uint96 held, uint24 owner, uint16 group, address itsMeter) = market.accounts(DAVE);
        assertEq(held, 5, "credits");
        assertEq(owner, 4, "number");
        assertEq(group, 2, "group");
        assertEq(itsMeter, meter, "meter");
        (,,,, address prosumer,,) = market.smartMeters(meter);
        assertEq(prosumer, DAVE, "the meter's prosumer");
    }

    function _refuseCertificate(address meter, bytes memory certificate) private {
        refuse(refusal(ITransaxErrors.BadCertificate.selector, DAVE, meter));
        vm.prank(DAVE);
        market.registerProsumer(meter, certificate);
    }

    function test_WhenTheUniformRuleIsDeployedTheConfigurationSaysSo() public {
        deployMarket(PriceRule.Uniform);
        assertTrue(market.config().priceRule == PriceRule.Uniform, "price rule");
        assertEq(market.config().token, address(token), "token");
        assertEq(market.config().dso, dso, "dso");
        assertEq(market.config().genesis, GENESIS, "genesis");
        assertEq(market.config().intervalSeconds, DELTA, "interval");
        assertEq(market.config().clearIntervals, T_CLEAR, "clearing");
        assertEq(market.config().planHorizon, T_H, "plan horizon");
        assertEq(market.config().offerHorizon, OFFER_HORIZON, "offer horizon");
        assertEq(market.config().gridPrice, 400_000, "grid price");
        assertEq(market.config().feedInPrice, 80_000, "feed-in price");
    }
}
