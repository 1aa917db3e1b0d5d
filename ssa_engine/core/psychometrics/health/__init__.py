"""The health of the bank and of the sittings."""
