"""Pure judgement: frames and policy in, frames out.  No database, no clock, no randomness without a seed."""
