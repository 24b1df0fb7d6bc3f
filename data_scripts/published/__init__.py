"""The published data sets: fetched, checked, unpacked, converted."""
