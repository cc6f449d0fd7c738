//! End-to-end tests: what users do, and what they see. Nothing here but tests; see `tests/`.
