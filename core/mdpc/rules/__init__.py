"""The rules: one small class each, found through the entry-point group `mdpc.rules`."""
