//! Events at the edges of their rules.
