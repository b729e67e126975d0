// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Casts: numbers here are bounded before or count from small ones.
// forge-lint: disable-start(unsafe-typecast)

/// @notice What an offer lists of a type.
struct Alternative {
    uint64 resourceType;
    uint64 quantity;
    uint64 value;
}

/// @notice An offer as its events tell it; alternatives ascend by type.
struct Posted {
    uint64 id;
    address owner;
    bool providing;
    Alternative[] alternatives;
}

/// @notice An assignment.
struct Item {
    uint64 providingOffer;
    uint64 consumingOffer;
    uint64 resourceType;
    uint64 quantity;
    uint64 price;
}

/// @title The slow, readable reference: bytes and chains, from the words of `ISolidWorx`
library Allocations {
    error Unlisted(uint64 id, uint64 resourceType);

    function one(uint64 resourceType, uint64 quantity, uint64 value) internal pure returns (Alternative[] memory list) {
        list = new Alternative[](1);
        list[0] = Alternative(resourceType, quantity, value);
    }

    function two(Alternative memory a, Alternative memory b) internal pure returns (Alternative[] memory list) {
        list = new Alternative[](2);
        (list[0], list[1]) = (a, b);
    }

    function one(Item memory a) internal pure returns (Item[] memory list) {
        list = new Item[](1);
        list[0] = a;
    }

    function two(Item memory a, Item memory b) internal pure returns (Item[] memory list) {
        list = new Item[](2);
        (list[0], list[1]) = (a, b);
    }

    /// @notice The items with `a` after them.
    function with(Item[] memory items, Item memory a) internal pure returns (Item[] memory list) {
        list = new Item[](items.length + 1);
        for (uint256 i; i < items.length; ++i) {
            list[i] = items[i];
        }
        list[items.length] = a;
    }

    function slice(Item[] memory items, uint256 from, uint256 to) internal pure returns (Item[] memory list) {
        list = new Item[](to - from);
        for (uint256 i = from; i < to; ++i) {
            list[i - from] = items[i];
        }
    }

    function pack(Alternative[] memory list) internal pure returns (bytes memory data) {
        for (uint256 i; i < list.length; ++i) {
            data = abi.encodePacked(data, list[i].resourceType, list[i].quantity, list[i].value);
        }
    }

    function contents(Posted memory o) internal pure returns (bytes memory) {
        uint8 side = o.providing ? 1 : 0;
        return abi.encodePacked(o.owner, side, uint16(o.alternatives.length), pack(o.alternatives));
    }

    /// @notice The list of offers of a solution.
    function offers(Posted[] memory list) internal pure returns (bytes memory) {
        return offers(list, 0, list.length);
    }

    /// @dev Halves, so that joining takes time n·log n.
    function offers(Posted[] memory list, uint256 from, uint256 to) internal pure returns (bytes memory) {
        if (to == from) return "";
        if (to - from == 1) return abi.encodePacked(list[from].id, contents(list[from]));
        uint256 middle = (from + to) / 2;
        return bytes.concat(offers(list, from, middle), offers(list, middle, to));
    }

    /// @notice The assignments of a solution, with places in `list`, which must hold their offers and types.
    function assignments(Posted[] memory list, Item[] memory items) internal pure returns (bytes memory) {
        return assignments(list, items, 0, items.length);
    }

    function assignments(Posted[] memory list, Item[] memory items, uint256 from, uint256 to)
        internal
        pure
        returns (bytes memory)
    {
        if (to == from) return "";
        if (to - from > 1) {
            uint256 middle = (from + to) / 2;
            return bytes.concat(assignments(list, items, from, middle), assignments(list, items, middle, to));
        }
        Item memory a = items[from];
        (uint16 p, uint16 c) = (place(list, a.providingOffer), place(list, a.consumingOffer));
        uint8 pn = number(list[p], a.resourceType);
        return abi.encodePacked(p, c, pn, number(list[c], a.resourceType), a.quantity, a.price);
    }

    function records(Item[] memory items) internal pure returns (bytes memory) {
        return records(items, 0, items.length);
    }

    function records(Item[] memory items, uint256 from, uint256 to) internal pure returns (bytes memory) {
        if (to == from) return "";
        if (to - from == 1) return record(items[from]);
        uint256 middle = (from + to) / 2;
        return bytes.concat(records(items, from, middle), records(items, middle, to));
    }

    function record(Item memory a) internal pure returns (bytes memory) {
        return abi.encodePacked(a.providingOffer, a.consumingOffer, a.resourceType, a.quantity, a.price);
    }

    /// @notice The chain over the first `count` items.
    function chain(Item[] memory items, uint256 count) internal pure returns (bytes32 h) {
        for (uint256 i; i < count; ++i) {
            h = keccak256(abi.encodePacked(h, record(items[i])));
        }
    }

    function place(Posted[] memory list, uint64 id) internal pure returns (uint16) {
        for (uint256 i; i < list.length; ++i) {
            if (list[i].id == id) return uint16(i);
        }
        revert Unlisted(id, 0);
    }

    function number(Posted memory o, uint64 resourceType) internal pure returns (uint8) {
        for (uint256 i; i < o.alternatives.length; ++i) {
            if (o.alternatives[i].resourceType == resourceType) return uint8(i);
        }
        revert Unlisted(o.id, resourceType);
    }
}
