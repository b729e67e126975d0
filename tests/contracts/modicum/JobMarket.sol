// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are small.
// forge-lint: disable-start(unsafe-typecast)

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IModicum} from "../../../contracts/modicum/IModicum.sol";
import {
    Finding,
    JobOffer,
    Match,
    ModicumConfig,
    Reason,
    ResourceOffer,
    Service,
    ServiceKind,
    Status
} from "../../../contracts/modicum/ModicumTypes.sol";
import {TestBase} from "../TestBase.sol";

interface IMintable is IERC20 {
    function mint(address account, uint256 amount) external;
}

/// @title A market for jobs with one of each: creator, provider, mediator, directory, solver
/// @notice The contract is deployed from its artifact, so that tests compile apart from it and run what ships. Everything
/// in the standard scene costs something else, so that no two amounts are equal by chance.
abstract contract JobMarket is TestBase {
    uint256 internal constant CREATOR_KEY = 0xC1;
    uint256 internal constant PROVIDER_KEY = 0xB2;
    address internal constant MEDIATOR = address(0x3E);
    address internal constant DIRECTORY = address(0xD1);
    address internal constant SOLVER = address(0x501);
    address internal constant STRANGER = address(0x57);
    bytes32 internal constant METER = keccak256("meter");
    uint256 internal constant THETA = 50;
    uint256 internal constant N = 2;
    uint40 internal constant START = 1_700_000_000;
    uint32 internal constant REACTION = 600;
    uint32 internal constant VERDICT = 3_600;
    uint32 internal constant LONGEST = 7 days;
    uint80 internal constant SOLVER_FEE = 700;
    uint80 internal constant MEDIATOR_FEE = 1_100;
    uint80 internal constant DIRECTORY_FEE = 1_300;
    uint256 internal constant ENDOWMENT = 1e15;
    /// @dev Of the standard job: ⌈30e9·5000/1e9⌉ + ⌈2^28·4000/2^30⌉.
    uint256 internal constant ESTIMATE = 150_000 + 1_000;
    uint256 internal constant FEES = SOLVER_FEE + MEDIATOR_FEE + DIRECTORY_FEE;
    /// @dev Of the standard result: 20e9 instructions at 3000 and 2^27 bytes at 3000.
    uint256 internal constant PRICE = 60_000 + 375;
    uint32 internal constant MEDIATOR_ID = 0;
    uint32 internal constant DIRECTORY_ID = 1;
    bytes32 internal constant RESULT = keccak256("result");
    bytes32 internal constant DOSSIER = keccak256("dossier");

    address internal creator = vm.addr(CREATOR_KEY);
    address internal provider = vm.addr(PROVIDER_KEY);
    IModicum internal market;
    IMintable internal token;

    function setUpMarket(uint96 stake) internal {
        vm.warp(START);
        token = IMintable(vm.deployCode("PaymentToken.sol:PaymentToken", ""));
        market = IModicum(vm.deployCode("Modicum.sol:Modicum", abi.encode(configuration(stake))));
        address[6] memory all = [creator, provider, MEDIATOR, DIRECTORY, SOLVER, STRANGER];
        for (uint256 i; i < all.length; ++i) {
            fund(all[i], ENDOWMENT);
        }
        vm.prank(MEDIATOR);
        market.registerService(ServiceKind.Mediator, 0, METER, MEDIATOR_FEE);
        vm.prank(DIRECTORY);
        market.registerService(ServiceKind.Directory, 0, 0, DIRECTORY_FEE);
        trustAll(creator);
        trustAll(provider);
        trustAll(MEDIATOR);
        trustAll(DIRECTORY);
    }

    function configuration(uint96 stake) internal view returns (ModicumConfig memory) {
        return ModicumConfig(address(token), uint16(THETA), uint8(N), REACTION, VERDICT, LONGEST, SOLVER_FEE, stake);
    }

    function fund(address account, uint256 amount) internal {
        token.mint(account, amount);
        vm.startPrank(account);
        token.approve(address(market), amount);
        market.depositFunds(amount);
        vm.stopPrank();
    }

    function trustAll(address account) internal {
        vm.prank(account);
        market.trust(0, type(uint256).max);
    }

    // --- offers ---

    function jobOffer(uint64 nonce) internal view returns (JobOffer memory j) {
        j.creator = creator;
        j.deposit = uint96(deposit());
        j.instructionLimit = 30e9;
        j.memoryLimit = 1 << 28;
        j.storageLimit = 1 << 29;
        j.bandwidthLimit = 1 << 28;
        j.maxInstructionPrice = 5_000;
        j.maxBandwidthPrice = 4_000;
        j.meterId = METER;
        j.jobHash = keccak256(abi.encode("job", nonce));
        j.directory = DIRECTORY_ID;
        j.deadline = uint40(block.timestamp) + 1 hours;
        j.nonce = nonce;
    }

    function resourceOffer(uint64 nonce) internal view returns (ResourceOffer memory r) {
        r.provider = provider;
        r.deposit = uint96(deposit());
        r.instructions = 1e12;
        r.instructionsPerSecond = 1e9;
        r.memoryBytes = 1 << 30;
        r.storageBytes = 1 << 31;
        r.bandwidthBytes = 1 << 30;
        r.instructionPrice = 3_000;
        r.bandwidthPrice = 3_000;
        r.meterId = METER;
        r.expiry = uint40(block.timestamp) + 30 days;
        r.nonce = nonce;
    }

    /// @dev (3.2) for the standard job.
    function deposit() internal pure returns (uint256) {
        return ESTIMATE * (THETA + N) + FEES;
    }

    function post(JobOffer memory j) internal returns (bytes32) {
        vm.prank(j.creator);
        return market.postJobOffer(j);
    }

    function post(ResourceOffer memory r) internal returns (bytes32) {
        vm.prank(r.provider);
        return market.postResOffer(r);
    }

    // --- the life of a match ---

    function matchOf(JobOffer memory j, ResourceOffer memory r) internal view returns (Match memory m) {
        Service memory mediator = market.service(MEDIATOR_ID);
        Service memory store = market.service(j.directory);
        m.jobOffer = market.hashJobOffer(j);
        m.resourceOffer = market.hashResOffer(r);
        (m.creator, m.provider, m.mediator) = (j.creator, r.provider, mediator.owner);
        (m.directoryOwner, m.directory, m.deadline) = (store.owner, j.directory, j.deadline);
        uint256 instructions = (uint256(j.instructionLimit) * j.maxInstructionPrice + 1e9 - 1) / 1e9;
        uint256 bandwidth = (uint256(j.bandwidthLimit) * j.maxBandwidthPrice + (1 << 30) - 1) >> 30;
        m.estimate = uint96(instructions + bandwidth);
        (m.mediatorFee, m.directoryFee) = (mediator.fee, store.fee);
        (m.instructionLimit, m.bandwidthLimit) = (j.instructionLimit, j.bandwidthLimit);
        (m.instructionPrice, m.bandwidthPrice) = (r.instructionPrice, r.bandwidthPrice);
    }

    function encodeMatch(JobOffer memory j, ResourceOffer memory r) internal pure returns (bytes memory) {
        return abi.encodeCall(IModicum.postMatch, (j, "", r, "", MEDIATOR_ID, new bytes32[](0)));
    }

    /// @dev Two standard offers, posted and matched.
    function matched(uint64 nonce) internal returns (Match memory m) {
        (JobOffer memory j, ResourceOffer memory r) = (jobOffer(nonce), resourceOffer(nonce));
        post(j);
        post(r);
        return matched(j, r);
    }

    function matched(JobOffer memory j, ResourceOffer memory r) internal returns (Match memory m) {
        m = matchOf(j, r);
        bytes32 name = market.hashMatch(m);
        vm.prank(SOLVER);
        bytes32 id = market.postMatch(j, "", r, "", MEDIATOR_ID, new bytes32[](0));
        assertEq(id, name, "the match's name");
    }

    function report(Match memory m, Status status) internal {
        vm.prank(m.provider);
        market.postResult(m, status, RESULT, 20e9, 1 << 27);
    }

    function reported(uint64 nonce, Status status) internal returns (Match memory m) {
        m = matched(nonce);
        report(m, status);
    }

    function disputed(uint64 nonce, Status status, Reason reason) internal returns (Match memory m) {
        m = reported(nonce, status);
        vm.prank(m.creator);
        market.rejectResult(m, reason);
    }

    function judge(Match memory m, Finding finding, uint96 spent) internal {
        vm.prank(m.mediator);
        market.postMediationResult(m, finding, spent, DOSSIER);
    }

    // --- money ---

    /// @dev Checks the balances of all after one match, as gains and losses against the endowment.
    function assertGains(int256 ofCreator, int256 ofProvider, int256 ofMediator, int256 ofDirectory, uint256 burned)
        internal
        view
    {
        assertGain(creator, ofCreator, "creator");
        assertGain(provider, ofProvider, "provider");
        assertGain(MEDIATOR, ofMediator, "mediator");
        assertGain(DIRECTORY, ofDirectory, "directory");
        assertGain(SOLVER, int256(2 * uint256(SOLVER_FEE)), "solver");
        assertEq(market.funds(address(0)), burned, "burned");
    }

    function assertGain(address account, int256 gain, string memory who) internal view {
        assertEq(market.funds(account), uint256(int256(ENDOWMENT) + gain), who);
    }

    // --- signatures ---

    function sign(uint256 key, bytes32 name) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Entente MODiCuM"),
                keccak256("1"),
                block.chainid,
                address(market)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, name)));
        return abi.encodePacked(r, s, v);
    }

    // --- refusals ---

    /// @dev Calls as `who` and expects exactly this answer.
    function expectRefusal(address who, bytes memory data, bytes memory refusal) internal {
        vm.prank(who);
        (bool isDone, bytes memory answer) = address(market).call(data);
        assertTrue(!isDone, "it must be refused");
        assertEq(keccak256(answer), keccak256(refusal), "for this reason");
    }

    function expectRefusal(address who, bytes memory data, bytes4 selector) internal {
        vm.prank(who);
        (bool isDone, bytes memory answer) = address(market).call(data);
        assertTrue(!isDone, "it must be refused");
        assertEq(bytes32(bytes4(answer)), bytes32(selector), "for this reason");
    }
}
