"""Bytes that nobody would send in good faith, a million at a time: `make fuzz`, results in docs/fuzzing.md."""
