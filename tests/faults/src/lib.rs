//! Fault tests: what breaks around the services, and that nothing is lost. Nothing here but tests; see `tests/`.
