package io.sallyport.cluster.balance;

/// Slots in a circle, each owned by one of the members 0 to n - 1. Immutable; looking up allocates nothing.
public sealed interface HashTable permits HashRing, MaglevTable {
    /// The slot that a hash belongs to.
    int slot(long hash);

    /// The member that owns the slot. Where it cannot be had, the owners of the slots that follow are next in line.
    int owner(int slot);

    /// How many slots there are; 0 without members.
    int slots();

    /// Where counting on from a slot leads.
    default int after(int slot) {
        return slot + 1 == slots() ? 0 : slot + 1;
    }
}
